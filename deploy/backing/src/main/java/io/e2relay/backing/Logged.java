// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The end of a log file.
final class Logged {
  private static final int BYTES_MAX = 4_000;

  private Logged() {
  }

  static String since(Path log, long offset) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      long from = Math.max(offset, file.length() - BYTES_MAX);
      byte[] end = new byte[Math.toIntExact(Math.max(0, file.length() - from))];
      file.seek(from);
      file.readFully(end);
      return new String(end, StandardCharsets.UTF_8).strip();
    }
  }
}
