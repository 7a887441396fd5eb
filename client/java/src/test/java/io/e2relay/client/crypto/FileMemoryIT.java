// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How much memory a file takes, by what its thread allocates: more than is ever held at once.
final class FileMemoryIT {
  private static final int FILE_BYTES = 25 * 1_048_576;
  private static final long ALLOCATED_MAX = 8L * 1_048_576;

  @Test
  void a_file_of_25_mib_takes_a_few_mib_of_memory(@TempDir Path folder) throws IOException {
    Path plain = folder.resolve("plain");
    Path sealed = folder.resolve("sealed");
    Path opened = folder.resolve("opened");
    Files.write(plain, new byte[FILE_BYTES]);
    SymmetricKey key = SymmetricKey.generate();
    FileSealing.Place place = new FileSealing.Place(new ConversationId(times(0xc0, 32)), new Epoch(7));
    // What is loaded and compiled for the first time is not the file's.
    FileDescriptor[] descriptor = {seal(key, place, plain, sealed)};
    open(key, place, descriptor[0], sealed, opened);
    long sealing = allocated(() -> descriptor[0] = seal(key, place, plain, sealed));
    long opening = allocated(() -> open(key, place, descriptor[0], sealed, opened));
    assertEquals(FILE_BYTES, Files.size(opened));
    IO.println(
        "shown: file-memory file=" + FILE_BYTES + " allocated-sealing=" + sealing + " allocated-opening=" + opening);
    assertTrue(sealing < ALLOCATED_MAX, () -> "sealing allocated " + sealing);
    assertTrue(opening < ALLOCATED_MAX, () -> "opening allocated " + opening);
  }

  private interface Work {
    void run() throws IOException;
  }

  private static long allocated(Work work) throws IOException {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    work.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  private static FileDescriptor seal(SymmetricKey key, FileSealing.Place place, Path plain, Path sealed)
      throws IOException {
    try (InputStream in = Files.newInputStream(plain); OutputStream out = Files.newOutputStream(sealed)) {
      return FileSealing.seal(key, place, "film.bin", "application/octet-stream", in, out);
    }
  }

  private static void open(SymmetricKey key, FileSealing.Place place, FileDescriptor descriptor, Path sealed,
      Path opened) throws IOException {
    try (InputStream in = Files.newInputStream(sealed); OutputStream out = Files.newOutputStream(opened)) {
      assertEquals(ByteString.copyFromUtf8("film.bin"),
          value(FileSealing.open(key, place, descriptor, in, out)).nameUtf8());
    }
  }
}
