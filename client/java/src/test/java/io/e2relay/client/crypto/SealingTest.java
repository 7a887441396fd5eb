// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.flipped;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import org.junit.jupiter.api.Test;

final class SealingTest {
  private static final SymmetricKey KEY = SymmetricKey.generate();
  private static final ByteString CONTEXT = times(0xc0, 162);
  private static final ByteString PLAIN = times(0x70, 300);
  private static final ByteString SEALED = Sealing.seal(KEY, Sealing.Label.MESSAGE, CONTEXT, PLAIN);

  @Test
  void what_is_sealed_opens_with_the_same_key_label_and_context() {
    assertEquals(PLAIN, value(Sealing.open(KEY, Sealing.Label.MESSAGE, CONTEXT, SEALED)));
    assertEquals(PLAIN.size() + Sealing.OVERHEAD_BYTES, SEALED.size());
  }

  @Test
  void every_size_opens_again() {
    for (int size : new int[]{0, 1, 15, 16, 17, 255, 4095, 4096, 4097, 8192, 8193, 65_536, 262_144}) {
      ByteString plain = times(0x5e, size);
      ByteString sealed = Sealing.seal(KEY, Sealing.Label.SELF, ByteString.EMPTY, plain);
      assertEquals(plain, value(Sealing.open(KEY, Sealing.Label.SELF, ByteString.EMPTY, sealed)));
    }
  }

  @Test
  void the_same_content_is_never_sealed_to_the_same_bytes() {
    ByteString again = Sealing.seal(KEY, Sealing.Label.MESSAGE, CONTEXT, PLAIN);
    assertNotEquals(SEALED.substring(0, 32), again.substring(0, 32));
    assertNotEquals(SEALED.substring(32, 64), again.substring(32, 64));
  }

  @Test
  void one_bit_turned_anywhere_gives_the_same_answer() {
    for (int at = 0; at < SEALED.size(); at++) {
      assertUnreadable(Fault.CANNOT_OPEN, Sealing.open(KEY, Sealing.Label.MESSAGE, CONTEXT, flipped(SEALED, at)));
    }
    IO.println("shown: open-damage flipped=" + SEALED.size() + " faults=CANNOT_OPEN");
  }

  @Test
  void every_cut_gives_the_same_answer() {
    for (int length = 0; length < SEALED.size(); length++) {
      assertUnreadable(Fault.CANNOT_OPEN,
          Sealing.open(KEY, Sealing.Label.MESSAGE, CONTEXT, SEALED.substring(0, length)));
    }
    assertUnreadable(Fault.CANNOT_OPEN, Sealing.open(KEY, Sealing.Label.MESSAGE, CONTEXT, SEALED.concat(times(0, 1))));
  }

  @Test
  void another_key_label_or_context_gives_the_same_answer() {
    assertUnreadable(Fault.CANNOT_OPEN, Sealing.open(SymmetricKey.generate(), Sealing.Label.MESSAGE, CONTEXT, SEALED));
    for (int at = 0; at < CONTEXT.size(); at++) {
      assertUnreadable(Fault.CANNOT_OPEN, Sealing.open(KEY, Sealing.Label.MESSAGE, flipped(CONTEXT, at), SEALED));
    }
    for (Sealing.Label label : Sealing.Label.values()) {
      if (label != Sealing.Label.MESSAGE) {
        assertUnreadable(Fault.CANNOT_OPEN, Sealing.open(KEY, label, CONTEXT, SEALED));
      }
    }
  }

  @Test
  void parts_of_two_sealings_do_not_fit_together() {
    ByteString other = Sealing.seal(KEY, Sealing.Label.MESSAGE, CONTEXT, PLAIN);
    for (int cut : new int[]{32, 64}) {
      assertUnreadable(Fault.CANNOT_OPEN,
          Sealing.open(KEY, Sealing.Label.MESSAGE, CONTEXT, SEALED.substring(0, cut).concat(other.substring(cut))));
    }
    ByteString swapped = SEALED.substring(0, 32).concat(other.substring(32, 64)).concat(SEALED.substring(64));
    assertUnreadable(Fault.CANNOT_OPEN, Sealing.open(KEY, Sealing.Label.MESSAGE, CONTEXT, swapped));
  }

  @Test
  void a_key_of_zeros_or_of_another_length_is_refused() {
    assertEquals(SymmetricKey.of(times(1, 32)), SymmetricKey.of(times(1, 32)));
    for (ByteString bytes : new ByteString[]{times(0, 32), times(1, 31), times(1, 33), ByteString.EMPTY}) {
      assertThrows(IllegalArgumentException.class, () -> SymmetricKey.of(bytes));
      assertUnreadable(Fault.CANNOT_OPEN, SymmetricKey.read(bytes));
    }
  }
}
