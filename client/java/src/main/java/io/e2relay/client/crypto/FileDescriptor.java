// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Reading;

/// All that a message says about a file: where it is, what opens it, how to see that it is this one, and its name.
public record FileDescriptor(FileId id, ByteString wrappedKey, long size, long sealedSize, Hash root,
    ByteString nameUtf8, ByteString mimeUtf8) {
  /// Of the file's key, sealed under the conversation's.
  static final int WRAPPED_KEY_BYTES = Sealing.OVERHEAD_BYTES + SymmetricKey.BYTES;
  private static final int NAME_BYTES_MAX = 1024;
  private static final int MIME_BYTES_MAX = 256;

  public FileDescriptor {
    require(wrappedKey.size() == WRAPPED_KEY_BYTES, Fault.WRONG_LENGTH);
    require(isU64(size) && isU64(sealedSize), Fault.OUT_OF_RANGE);
    require(nameUtf8.size() <= NAME_BYTES_MAX && mimeUtf8.size() <= MIME_BYTES_MAX, Fault.WRONG_LENGTH);
  }

  public static Reading<FileDescriptor> read(ByteString bytes) {
    Fields in = new Fields(bytes);
    FileId id = new FileId(in.bytes(FileId.BYTES));
    ByteString wrappedKey = in.bytes(WRAPPED_KEY_BYTES);
    long size = in.u64(0);
    long sealedSize = in.u64(0);
    Hash root = in.hash();
    ByteString name = text(in, NAME_BYTES_MAX);
    ByteString mime = text(in, MIME_BYTES_MAX);
    return in.end(() -> new FileDescriptor(id, wrappedKey, size, sealedSize, root, name, mime));
  }

  private static ByteString text(Fields in, int max) {
    int length = in.u16();
    in.require(length <= max, Fault.WRONG_LENGTH);
    return in.bytes(length);
  }

  public ByteString bytes() {
    return new Joined().bytes(id.bytes()).bytes(wrappedKey).u64(size).u64(sealedSize).bytes(root.bytes())
        .u16(nameUtf8.size()).bytes(nameUtf8).u16(mimeUtf8.size()).bytes(mimeUtf8).toByteString();
  }

  /// What is no UTF-8 shows as U+FFFD: a strange name is no reason to lose a file.
  public String name() {
    return nameUtf8.toStringUtf8();
  }

  public String mime() {
    return mimeUtf8.toStringUtf8();
  }

  /// Without what only the members may know.
  @Override
  public String toString() {
    return "FileDescriptor[" + sealedSize + " bytes sealed]";
  }

  private static boolean isU64(long number) {
    return number >= 0 && number <= Fields.U64_MAX;
  }

  private static void require(boolean condition, Fault otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise.name());
    }
  }
}
