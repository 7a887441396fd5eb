// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;

/// What all figures of a run stand on, and without which they say nothing: how safely PostgreSQL writes, onto what, and
/// how long that takes to be on the disk.
///
/// @param flushMicros median, of 8 KiB that were appended to a file beside PostgreSQL's
record Ground(String java, int processors, List<String> postgres, String fileSystem, double flushMicros) {
  private static final List<String> SETTINGS = List.of("server_version", "fsync", "synchronous_commit",
      "full_page_writes", "wal_sync_method", "commit_delay", "shared_buffers");
  private static final int FLUSHES = 101;
  private static final int FLUSHED_BYTES = 8192;
  private static final double NANOS_PER_MICRO = 1e3;

  static Ground of(Generator generator, Site site, BareStore store) {
    List<String> settings = SETTINGS.stream()
        .map(name -> name + "=" + generator.onLoop(() -> store.setting(name)).split(" ")[0]).toList();
    try {
      return new Ground(Runtime.version().toString(), Runtime.getRuntime().availableProcessors(), settings,
          Files.getFileStore(site.data()).type(), flushMicros(site.data()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String text() {
    return "Java %s, %d processors; PostgreSQL %s; its files on %s, where a flush takes %.0f us".formatted(java,
        processors, String.join(" ", postgres), fileSystem, flushMicros);
  }

  String json() {
    return "{\"java\":\"%s\",\"processors\":%d,\"postgres\":\"%s\",\"file_system\":\"%s\",\"flush_us\":%.1f}"
        .formatted(java, processors, String.join(" ", postgres), fileSystem, flushMicros);
  }

  private static double flushMicros(Path folder) throws IOException {
    Path file = Files.createTempFile(folder, "flush", ".bench");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      long[] nanos = new long[FLUSHES];
      for (int i = 0; i < FLUSHES; i++) {
        channel.write(ByteBuffer.allocate(FLUSHED_BYTES));
        long begun = System.nanoTime();
        channel.force(false);
        nanos[i] = System.nanoTime() - begun;
      }
      Arrays.sort(nanos);
      return nanos[FLUSHES / 2] / NANOS_PER_MICRO;
    } finally {
      Files.delete(file);
    }
  }
}
