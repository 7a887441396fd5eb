// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Keeps two living processes from running servers on one folder. The operating system frees it when its holder dies.
final class FolderLock implements AutoCloseable {
  // Closing any channel of a file frees all locks that this JVM has on it, so a second one must not even be opened.
  private static final Set<Path> HELD = new HashSet<>();

  private final Path folder;
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  static FolderLock take(Path folder) {
    synchronized (HELD) {
      if (!HELD.add(folder)) {
        throw inUse(folder, "this process itself");
      }
      boolean taken = false;
      try {
        FileChannel channel = FileChannel.open(folder.resolve("lock"),
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
        try {
          @Nullable
          FileLock lock = channel.tryLock();
          if (lock == null) {
            ByteBuffer holder = ByteBuffer.allocate(20);
            channel.read(holder, 0);
            throw inUse(folder, "process " + StandardCharsets.US_ASCII.decode(holder.flip()).toString().strip());
          }
          channel.truncate(0);
          channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
          taken = true;
          return new FolderLock(folder, channel);
        } finally {
          if (!taken) {
            channel.close();
          }
        }
      } catch (IOException e) {
        throw BackingException.of("Locking the folder " + folder, e);
      } finally {
        if (!taken) {
          HELD.remove(folder);
        }
      }
    }
  }

  @Override
  public void close() {
    synchronized (HELD) {
      if (!channel.isOpen()) {
        return;
      }
      HELD.remove(folder);
      try {
        channel.close();
      } catch (IOException e) {
        throw BackingException.of("Unlocking the folder " + folder, e);
      }
    }
  }

  private static BackingException inUse(Path folder, String holder) {
    return new BackingException(Problem.IN_USE,
        "The folder " + folder + " is in use by " + holder + ". Stop that one first, or choose another folder.");
  }
}
