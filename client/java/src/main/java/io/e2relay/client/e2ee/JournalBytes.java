// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.StateKey;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/// The bytes of a journal: a head and its checksum; then frames, each a length and its checksum, what is sealed, and
/// the checksum of that.
final class JournalBytes {
  static final ByteString MAGIC = ByteString.copyFromUtf8("e2rvault1");
  static final int NONCE_BYTES = 16;
  static final int CHECK_BYTES = Integer.BYTES;
  static final int HEAD_BYTES = MAGIC.size() + Long.BYTES + NONCE_BYTES;
  static final int START_BYTES = HEAD_BYTES + CHECK_BYTES;
  static final int BEFORE_BYTES = Integer.BYTES + CHECK_BYTES;

  private JournalBytes() {
  }

  static ByteString head(long generation, ByteString nonce) {
    return MAGIC.concat(u64(generation)).concat(nonce);
  }

  static long generation(ByteString head) {
    return head.substring(MAGIC.size()).asReadOnlyByteBuffer().getLong();
  }

  static ByteString start(ByteString head) {
    return head.concat(check(head));
  }

  /// Sealed for this file and this place in it: frames of other files, and of this one in another order, do not open.
  static ByteString frame(StateKey key, ByteString head, long index, ByteString changes) {
    ByteString sealed = key.seal(place(head, index), changes);
    ByteString length = u32(sealed.size());
    return length.concat(check(length)).concat(sealed).concat(check(sealed));
  }

  static ByteString place(ByteString head, long index) {
    return head.concat(u64(index));
  }

  static ByteString check(ByteString bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes.asReadOnlyByteBuffer());
    // Turned, so that nothing but zeros has no right checksum.
    return u32(~(int) crc.getValue());
  }

  private static ByteString u32(int number) {
    return ByteString.copyFrom(ByteBuffer.allocate(Integer.BYTES).putInt(number).flip());
  }

  private static ByteString u64(long number) {
    return ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
  }
}
