// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.StateKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// The file of a vault: a head with the file's generation, a frame with everything, and a frame for each write since.
///
/// Each frame is sealed for its file and its place in it. Beside the seal there are checksums: they tell what a crash
/// left unfinished, which ends too early or is not yet there, from what was changed afterwards.
final class Journal implements AutoCloseable {
  /// What is in a file, and how long its whole frames are.
  record Content(long generation, ByteString head, TreeMap<String, ByteString> values, long frames, long snapshotBytes,
      long bytes) {
  }

  /// What came of reading.
  sealed interface Reading {
    record Found(Content content) implements Reading {
    }

    record Refused(FileVault.Reason reason) implements Reading {
    }
  }

  private static final long FILE_BYTES_MAX = 1L << 30;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final FileChannel channel;
  private final StateKey key;
  private final ByteString head;
  private final long generation;
  private final long snapshotBytes;
  private long frames;
  private long bytes;

  private Journal(FileChannel channel, StateKey key, Content content) {
    this.channel = channel;
    this.key = key;
    this.head = content.head();
    this.generation = content.generation();
    this.snapshotBytes = content.snapshotBytes();
    this.frames = content.frames();
    this.bytes = content.bytes();
  }

  /// Where a new file is written until it is whole.
  static Path half(Path file) {
    return file.resolveSibling(file.getFileName() + ".new");
  }

  /// Puts a new file in the place of whatever is there, when it is whole and on the disk.
  static Journal begin(Path file, StateKey key, long generation, SortedMap<String, ByteString> values)
      throws IOException {
    Path half = half(file);
    Files.deleteIfExists(half);
    byte[] nonce = new byte[JournalBytes.NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    ByteString head = JournalBytes.head(generation, ByteString.copyFrom(nonce));
    ByteString start = JournalBytes.start(head).concat(JournalBytes.frame(key, head, 0, VaultFrame.of(values)));
    FileChannel channel = FileChannel.open(half, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        OwnersFile.mode(half));
    try {
      OwnersFile.append(channel, start);
      Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      OwnersFile.forceFolderOf(file);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    return new Journal(channel, key, new Content(generation, head, new TreeMap<>(), 1, start.size(), start.size()));
  }

  /// Goes on behind what was read; what is behind that was never finished.
  static Journal resume(Path file, StateKey key, Content content) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
    try {
      if (channel.size() > content.bytes()) {
        channel.truncate(content.bytes());
        channel.force(true);
      }
      channel.position(content.bytes());
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    return new Journal(channel, key, content);
  }

  static Reading read(Path file, StateKey key) throws IOException {
    if (Files.size(file) > FILE_BYTES_MAX) {
      return new Reading.Refused(FileVault.Reason.FOREIGN);
    }
    return new JournalReader(key, ByteString.copyFrom(Files.readAllBytes(file))).read();
  }

  void append(ByteString changes) throws IOException {
    ByteString frame = JournalBytes.frame(key, head, frames, changes);
    OwnersFile.append(channel, frame);
    frames++;
    bytes += frame.size();
  }

  long generation() {
    return generation;
  }

  long snapshotBytes() {
    return snapshotBytes;
  }

  long bytes() {
    return bytes;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
