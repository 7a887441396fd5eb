// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.folder;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Small files that are there whole or not at all, and survive a power cut once written.
public final class OwnFile {
  private OwnFile() {
  }

  /// Writes a file that only its owner may read.
  public static void writeSecret(Path file, String content) throws IOException {
    write(file, content, "rw-------");
  }

  /// Writes a file that is no secret; its folder decides who gets to it.
  public static void writePublic(Path file, String content) throws IOException {
    write(file, content, "rw-r--r--");
  }

  static FileAttribute<Set<PosixFilePermission>> ownerOnly(String mode) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode));
  }

  private static void write(Path file, String content, String mode) throws IOException {
    Path half = file.resolveSibling("." + file.getFileName() + ".new");
    Files.deleteIfExists(half);
    try (FileChannel channel = FileChannel.open(half, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        ownerOnly(mode))) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
