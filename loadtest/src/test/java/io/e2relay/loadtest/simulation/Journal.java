// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.simulation;

import com.google.protobuf.ByteString;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/// Writes down what was sent and what every receiver saw, one JSON object a line, for `deploy/e2relay oracle`.
final class Journal implements AutoCloseable {
  private static final HexFormat HEX = HexFormat.of();

  private final Path file;
  private final BufferedWriter lines;

  private Journal(Path file) throws IOException {
    this.file = file;
    Files.createDirectories(file.toAbsolutePath().getParent());
    this.lines = Files.newBufferedWriter(file);
  }

  static Journal in(Path file) {
    try {
      return new Journal(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  Path file() {
    return file;
  }

  void expects(String receiver, ByteString conversation) {
    line("""
        {"event":"expects","receiver":"%s","conversation":"%s"}""".formatted(receiver, hex(conversation)));
  }

  void attempted(ByteString message, ByteString conversation, long atMs) {
    line("""
        {"event":"attempted","message":"%s","conversation":"%s","at":%d}""".formatted(hex(message), hex(conversation),
        atMs));
  }

  void acknowledged(ByteString message, long seq) {
    line("""
        {"event":"acknowledged","message":"%s","seq":%d}""".formatted(hex(message), seq));
  }

  void received(String receiver, ByteString conversation, long seq, ByteString message, long atMs) {
    line("""
        {"event":"received","receiver":"%s","conversation":"%s","seq":%d,"message":"%s","at":%d}""".formatted(receiver,
        hex(conversation), seq, hex(message), atMs));
  }

  @Override
  public synchronized void close() {
    try {
      lines.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot finish " + file, e);
    }
  }

  private synchronized void line(String line) {
    try {
      lines.append(line).append('\n');
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static String hex(ByteString bytes) {
    return HEX.formatHex(bytes.toByteArray());
  }
}
