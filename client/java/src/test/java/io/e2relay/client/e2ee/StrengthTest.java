// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class StrengthTest {
  @Test
  void what_many_people_choose_does_not_suffice() {
    for (String weak : List.of("", "short", "aaaaaaaaaaaaaaaaaaaaaaaa", "123456789012345678", "passwordpassword",
        "Password1234!", "qwertyuiopasdfghjkl", "abcdefghijklmnopqrstuvwxyz", "abcabcabcabcabcabcabc", "iloveyou2024!!",
        "P@ssword12345678", "correct horse battery staple", "Summer2025!!", "letmeinletmeinletmein",
        "monkeydragonmaster", "zyxwvutsrqponmlkji", "111122223333444455556666")) {
      assertFalse(Strength.suffices(weak), () -> weak + " " + Strength.bits(weak));
    }
  }

  @Test
  void what_takes_long_to_guess_suffices() {
    for (String strong : List.of("tulip anvil mango scooter", "xK9#vQ2$mZ7!pL", "a7f3k9q2m5x8w1z4", "gzbhqlfwxmntjr",
        "Überraschend grüne Möwen fliegen", "дождливый вторник в апреле")) {
      assertTrue(Strength.suffices(strong), () -> strong + " " + Strength.bits(strong));
    }
  }

  @Test
  void eleven_characters_are_too_few_and_twelve_may_do() {
    assertFalse(Strength.suffices("xK9#vQ2$mZ7"));
    assertTrue(Strength.suffices("xK9#vQ2$mZ7!"));
  }

  @Test
  void more_of_the_same_adds_next_to_nothing() {
    double once = Strength.bits("xK9#vQ2$");
    assertTrue(Strength.bits("xK9#vQ2$".repeat(10)) < once + 31);
  }

  @Test
  void any_text_has_an_estimate() {
    Random random = new Random(20261121);
    for (int i = 0; i < 2_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int k = random.nextInt(40); k > 0; k--) {
        text.append((char) random.nextInt(Character.MAX_VALUE + 1));
      }
      double bits = Strength.bits(text.toString());
      assertTrue(bits >= 0 && bits <= 5 * 3.0 * Math.max(1, text.length()));
    }
  }
}
