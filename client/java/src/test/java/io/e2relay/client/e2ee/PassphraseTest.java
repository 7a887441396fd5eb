// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Hash;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PassphraseTest {
  private static final int DRAWN = 20_000;

  @Test
  void the_words_are_those_of_the_published_list() {
    StringBuilder published = new StringBuilder();
    List<String> words = Words.all();
    for (int i = 0; i < words.size(); i++) {
      published.append(dice(i)).append('\t').append(words.get(i)).append('\n');
    }
    assertEquals("addd35536511597a02fa0a9ff1e5284677b8883b83e986e43f15a3db996b903e",
        Packed.name(Hash.of(ByteString.copyFromUtf8(published.toString())).bytes()));
    assertEquals(Words.COUNT, new HashSet<>(words).size());
  }

  @Test
  void six_words_are_at_least_77_bits() {
    double bits = Passphrase.WORDS * Math.log(Words.COUNT) / Math.log(2);
    assertTrue(bits >= 77);
    List<String> words = new ArrayList<>(List.of(Passphrase.generate().reveal().split(" ")));
    assertEquals(Passphrase.WORDS, words.size());
    assertTrue(Words.all().containsAll(words));
    assertTrue(Strength.suffices(Passphrase.generate().reveal()));
    System.out.println("shown: passphrase words=" + words.size() + " of=" + Words.COUNT + " bits=" + (int) bits);
  }

  @Test
  void every_word_is_as_likely_as_every_other() {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < DRAWN; i++) {
      for (String word : Passphrase.generate().reveal().split(" ")) {
        counts.merge(word, 1, Integer::sum);
      }
    }
    double expected = (double) DRAWN * Passphrase.WORDS / Words.COUNT;
    double chi = Words.all().stream()
        .mapToDouble(word -> Math.pow(counts.getOrDefault(word, 0) - expected, 2) / expected).sum();
    // 7,775 degrees of freedom: the mean, and six standard deviations to either side.
    assertEquals(Words.COUNT - 1, chi, 6 * Math.sqrt(2.0 * Words.COUNT));
    System.out.println("shown: passphrase-uniform drawn=" + DRAWN * Passphrase.WORDS + " chi2=" + (long) chi);
  }

  @Test
  void it_is_not_printed() {
    assertEquals("Passphrase[secret]", Passphrase.generate().toString());
  }

  /// The five dice that stand before word number i.
  private static String dice(int i) {
    return new StringBuilder(Integer.toString(Words.COUNT + i, 6)).deleteCharAt(0).chars()
        .collect(StringBuilder::new, (text, digit) -> text.append((char) (digit + 1)), StringBuilder::append)
        .toString();
  }
}
