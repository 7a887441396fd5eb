// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/// Six words that nobody guesses: 77.5 bits of chance. To be written down; it must not be the password of the host's
/// site, which the site sees.
public final class Passphrase {
  static final int WORDS = 6;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final String text;

  private Passphrase(String text) {
    this.text = text;
  }

  /// A new one.
  public static Passphrase generate() {
    List<String> chosen = new ArrayList<>();
    for (int i = 0; i < WORDS; i++) {
      // Every word is as likely as every other: nextInt throws away what does not divide evenly.
      chosen.add(Words.all().get(RANDOM.nextInt(Words.COUNT)));
    }
    return new Passphrase(String.join(" ", chosen));
  }

  static Passphrase of(String text) {
    return new Passphrase(text);
  }

  /// To be shown once, and to nobody else.
  public String reveal() {
    return text;
  }

  @Override
  public String toString() {
    return "Passphrase[secret]";
  }
}
