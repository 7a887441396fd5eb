// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/// What it takes for a file to be only its owner's, and to be there after a power cut.
final class OwnersFile {
  private OwnersFile() {
  }

  /// With what it is created.
  static FileAttribute<?>[] mode(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[]{PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
        : new FileAttribute<?>[0];
  }

  /// Writes behind what is there, and returns when it is on the disk.
  static void append(FileChannel channel, ByteString bytes) throws IOException {
    ByteBuffer left = bytes.asReadOnlyByteBuffer();
    while (left.hasRemaining()) {
      channel.write(left);
    }
    channel.force(false);
  }

  /// Makes the name of a file last, where a folder can be opened.
  static void forceFolderOf(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      return;
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (AccessDeniedException _) {
      // Windows opens no folders, and has written the name when the move returned.
    }
  }
}
