// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.times;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.Signatures;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DeviceLoginTest {
  private final TestUser alice = new TestUser(0xaa);
  private final DeviceLogin login = login(1, "relay.example", 7);

  @Test
  void a_device_shows_that_it_is_the_one() {
    Signature signature = login.sign(alice.keys);
    assertTrue(login.isSignedBy(alice.keys.signing().publicKey(), signature));
    assertFalse(login.isSignedBy(new TestUser(0xbb).keys.signing().publicKey(), signature));
  }

  @Test
  void it_holds_for_one_nonce_one_service_and_one_moment() {
    Signature signature = login.sign(alice.keys);
    for (DeviceLogin other : List.of(login(2, "relay.example", 7), login(1, "relay.example.net", 7),
        login(1, "relay.example", 8),
        new DeviceLogin(new TestUser(0xbb).account, login.device(), login.nonce(), login.audience(), login.nowMs()))) {
      assertFalse(other.isSignedBy(alice.keys.signing().publicKey(), signature), other.audience());
    }
  }

  /// Whatever nonce a service chooses: what is signed begins with the label of a login, which no other begins with.
  @Test
  void no_nonce_makes_it_anything_else() {
    for (String name : Labels.SIGNED) {
      Signature elsewhere = alice.keys.signing().sign(name, login.tbs());
      assertEquals(name.equals("auth"), login.isSignedBy(alice.keys.signing().publicKey(), elsewhere), name);
      assertEquals(name.equals("auth"),
          Signatures.message("auth", login.tbs()).startsWith(Labels.of(Labels.SIGNATURE + name)), name);
    }
  }

  @Test
  void a_nonce_of_another_size_is_refused() {
    assertThrows(IllegalArgumentException.class,
        () -> new DeviceLogin(alice.account, alice.keys.device(), times(1, 31), "relay.example", 7));
    assertThrows(IllegalArgumentException.class,
        () -> new DeviceLogin(alice.account, alice.keys.device(), times(1, 32), "x".repeat(256), 7));
  }

  private DeviceLogin login(int nonce, String audience, long nowMs) {
    return new DeviceLogin(alice.account, alice.keys.device(), times(nonce, 32), audience, nowMs);
  }
}
