// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PaddingTest {
  @ParameterizedTest
  @CsvSource({"0,256", "1,256", "255,256", "256,256", "257,272", "272,272", "273,288", "511,512", "512,512", "513,544",
      "1000,1024", "1025,1088", "10000,10240", "65535,65536", "65536,65536", "65537,67584", "262144,262144"})
  void lengths_are_padded_as_in_the_paper(int length, int padded) {
    assertEquals(padded, Padding.size(length));
  }

  @Test
  void a_size_is_padded_to_itself_and_costs_at_most_an_eighth() {
    for (int length = 256; length <= 300_000; length++) {
      int size = Padding.size(length);
      assertTrue(size >= length && size * 8L <= length * 9L, "of " + length);
      assertEquals(size, Padding.size(size));
    }
  }

  @Test
  void few_sizes_are_ever_seen() {
    long sizes = IntStream.rangeClosed(0, Padding.MESSAGE_MAX + 5000)
        .filter(size -> Padding.isSize(size, Padding.MESSAGE_MAX)).count();
    assertEquals(IntStream.rangeClosed(0, Padding.MESSAGE_MAX).map(Padding::size).distinct().count(), sizes);
    assertFalse(Padding.isSize(255, Padding.MESSAGE_MAX));
    assertFalse(Padding.isSize(-1, Padding.MESSAGE_MAX));
    assertFalse(Padding.isSize(257, Padding.MESSAGE_MAX));
    assertFalse(Padding.isSize(67_584, Padding.MESSAGE_MAX));
  }

  @Test
  void files_are_longer_than_an_int() {
    assertEquals(1L << 40, Padding.size((1L << 40) - 1));
    assertThrows(IllegalArgumentException.class, () -> Padding.size(-1L));
    assertThrows(IllegalArgumentException.class, () -> Padding.size(1L << 53));
  }
}
