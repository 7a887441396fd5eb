// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The words that passphrases are made of: as many as five dice can tell apart.
final class Words {
  static final int COUNT = 7_776;

  private Words() {
  }

  static List<String> all() {
    return Loaded.ALL;
  }

  private static final class Loaded {
    private static final List<String> ALL = load();

    private static List<String> load() {
      try (InputStream in = requireNonNull(Words.class.getResourceAsStream("words.txt"), "part of this library")) {
        return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
