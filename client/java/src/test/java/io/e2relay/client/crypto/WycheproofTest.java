// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.value;
import static io.e2relay.client.crypto.PublishedFile.hex;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Project Wycheproof's vectors, through the functions that the product calls.
final class WycheproofTest {
  @Test
  void diffie_hellman_agrees_and_refuses_every_point_that_is_none() {
    int agreed = 0;
    int refused = 0;
    for (JsonObject test : PublishedFile.wycheproof("ecdh_secp256r1_webcrypto_test.json")) {
      JsonObject own = test.getJsonObject("private");
      ByteString xy = coordinate(own, "x").concat(coordinate(own, "y"));
      AgreementKey key = value(
          AgreementKey.read(coordinate(own, "d").concat(xy), new Point(ByteString.copyFrom(new byte[]{4}).concat(xy))));
      JsonObject other = test.getJsonObject("public");
      ByteString point = ByteString.copyFrom(new byte[]{4}).concat(coordinate(other, "x"))
          .concat(coordinate(other, "y"));
      Reading<byte[]> secret = key.agree(point);
      if (test.getString("result").equals("valid")) {
        assertArrayEquals(hex(test, "shared").toByteArray(), value(secret), () -> "tcId " + test.getInteger("tcId"));
        agreed++;
      } else {
        assertUnreadable(point.size() == Point.BYTES ? Fault.INVALID_POINT : Fault.MALFORMED_POINT, secret);
        refused++;
      }
    }
    assertEquals(330, agreed);
    assertEquals(23, refused);
    IO.println("shown: wycheproof ecdh tests=353 agreed=330 refused=23");
  }

  @Test
  void aes_gcm_of_the_suites_size_encrypts_and_decrypts_and_every_other_size_is_refused() {
    int suite = 0;
    int refused = 0;
    for (JsonObject test : PublishedFile.wycheproof("aes_gcm_test.json")) {
      byte[] key = hex(test, "key").toByteArray();
      byte[] nonce = hex(test, "iv").toByteArray();
      ByteString message = hex(test, "msg");
      List<byte[]> aad = List.of(hex(test, "aad").toByteArray());
      ByteString sealed = hex(test, "ct").concat(hex(test, "tag"));
      byte[] made = new byte[message.size() + Aead.TAG_BYTES];
      byte[] opened = new byte[message.size()];
      if (key.length == 32 && nonce.length == 12) {
        Aead.encrypt(key, nonce, aad, Backing.of(message), message.size(), made, 0);
        boolean valid = test.getString("result").equals("valid");
        assertEquals(valid, Aead.decrypt(key, nonce, aad, Backing.of(sealed), 0, opened),
            () -> "tcId " + test.getInteger("tcId"));
        assertEquals(valid, sealed.equals(ByteString.copyFrom(made)), () -> "tcId " + test.getInteger("tcId"));
        assertTrue(!valid || message.equals(ByteString.copyFrom(opened)));
        suite++;
      } else {
        assertThrows(IllegalArgumentException.class,
            () -> Aead.encrypt(key, nonce, aad, Backing.of(message), message.size(), made, 0));
        assertThrows(IllegalArgumentException.class,
            () -> Aead.decrypt(key, nonce, aad, Backing.of(sealed), 0, opened));
        refused++;
      }
    }
    assertEquals(66, suite);
    assertEquals(250, refused);
    IO.println("shown: wycheproof aes-gcm tests=316 suite=66 refused-by-size=250");
  }

  @Test
  void pbkdf2_derives_what_it_must() {
    List<JsonObject> tests = PublishedFile.wycheproof("pbkdf2_hmacsha256_test.json");
    for (JsonObject test : tests) {
      byte[] derived = Pbkdf2.SHA256.derive(hex(test, "password").toByteArray(), hex(test, "salt").toByteArray(),
          test.getInteger("iterationCount"), test.getInteger("dkLen"));
      assertArrayEquals(hex(test, "dk").toByteArray(), derived, () -> "tcId " + test.getInteger("tcId"));
    }
    assertEquals(60, tests.size());
    IO.println("shown: wycheproof pbkdf2 tests=60");
  }

  private static ByteString coordinate(JsonObject jwk, String name) {
    return ByteString.copyFrom(Base64.getUrlDecoder().decode(jwk.getString(name)));
  }
}
