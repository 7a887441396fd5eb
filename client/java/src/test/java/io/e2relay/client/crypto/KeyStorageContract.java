// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/// What holds for every storage of keys.
interface KeyStorageContract {
  /// One where nothing has been kept; each time the same within a test.
  KeyStorage storage();

  /// The same, as a program finds it that starts anew.
  KeyStorage reopened();

  @Test
  default void in_the_beginning_there_is_nothing() {
    assertEquals(new KeyStorage.Loading.Empty(), storage().load());
  }

  @Test
  default void what_was_saved_is_there_the_next_time() {
    DeviceKeys keys = DeviceKeys.generate().with(1, AgreementKey.generate()).with(2, AgreementKey.generate());
    storage().save(keys);
    assertSame(keys, storage().load());
    assertSame(keys, reopened().load());
  }

  @Test
  default void what_is_saved_replaces_what_was_there() {
    DeviceKeys first = DeviceKeys.generate().with(1, AgreementKey.generate());
    storage().save(first);
    DeviceKeys second = first.with(2, AgreementKey.generate());
    reopened().save(second);
    assertSame(second, storage().load());
    DeviceKeys other = DeviceKeys.generate();
    storage().save(other);
    assertSame(other, reopened().load());
  }

  @Test
  default void a_generation_keeps_the_key_it_was_pinned_with() {
    AgreementKey key = AgreementKey.generate();
    DeviceKeys keys = DeviceKeys.generate().with(1, key);
    assertEquals(1, keys.with(1, key).generations().size());
    assertThrows(IllegalArgumentException.class, () -> keys.with(1, AgreementKey.generate()));
  }

  private static void assertSame(DeviceKeys expected, KeyStorage.Loading loading) {
    DeviceKeys keys = assertInstanceOf(KeyStorage.Loading.Loaded.class, loading).keys();
    assertEquals(expected.device(), keys.device());
    assertEquals(expected.signing().serialised(), keys.signing().serialised());
    assertEquals(expected.agreement().serialised(), keys.agreement().serialised());
    assertEquals(expected.state().toByteString(), keys.state().toByteString());
    assertEquals(expected.generations().keySet(), keys.generations().keySet());
    expected.generations().forEach((generation, key) -> assertEquals(key.serialised(),
        java.util.Objects.requireNonNull(keys.generations().get(generation)).serialised()));
  }
}
