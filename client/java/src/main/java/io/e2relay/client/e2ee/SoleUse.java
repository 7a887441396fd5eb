// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// One user of a file at a time. It is a file beside it that is locked, because the file itself is replaced at times.
final class SoleUse implements AutoCloseable {
  // A process that opens and closes a locked file once more loses the lock: this one remembers what it has.
  private static final Set<Path> MINE = new HashSet<>();

  private final Path path;
  private final FileChannel channel;

  private SoleUse(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /// Nothing if somebody else has it.
  static Optional<SoleUse> take(Path file) throws IOException {
    Path folder = file.toAbsolutePath().normalize().getParent();
    if (folder == null) {
      throw new IOException("no file has no folder");
    }
    Path path = folder.toRealPath().resolve(file.getFileName() + ".lock");
    synchronized (MINE) {
      if (!MINE.add(path)) {
        return Optional.empty();
      }
      Optional<FileChannel> locked = Optional.empty();
      try {
        locked = locked(path);
        return locked.map(channel -> new SoleUse(path, channel));
      } finally {
        if (locked.isEmpty()) {
          MINE.remove(path);
        }
      }
    }
  }

  @Override
  public void close() {
    synchronized (MINE) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        MINE.remove(path);
      }
    }
  }

  private static Optional<FileChannel> locked(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
        OwnersFile.mode(path));
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    return lock == null ? Optional.empty() : Optional.of(channel);
  }
}
