// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Padding;
import io.e2relay.protocol.record.Reading;
import java.nio.ByteBuffer;

/// Content with its length before it and zeros behind it, so that what is sealed tells little of how long it is.
final class PaddedContent {
  private PaddedContent() {
  }

  /// Pads; more than fits into that many bytes is OUT_OF_RANGE.
  static ByteString pad(ByteString content, int max) {
    if (content.size() > max - Padding.LENGTH_BYTES) {
      throw new IllegalArgumentException(Fault.OUT_OF_RANGE.name());
    }
    byte[] padded = new byte[Padding.size(Padding.LENGTH_BYTES + content.size())];
    ByteBuffer.wrap(padded).putInt(content.size());
    content.copyTo(padded, Padding.LENGTH_BYTES);
    return UnsafeByteOperations.unsafeWrap(padded);
  }

  /// The content, if it is padded exactly as it must be: BAD_PADDING.
  static Reading<ByteString> unpad(ByteString padded) {
    if (padded.size() < Padding.SIZE_MIN) {
      return new Reading.Unreadable<>(Fault.BAD_PADDING);
    }
    int length = padded.asReadOnlyByteBuffer().getInt();
    int end = Padding.LENGTH_BYTES + length;
    if (length < 0 || length > padded.size() - Padding.LENGTH_BYTES || Padding.size(end) != padded.size()
        || !isZero(padded, end)) {
      return new Reading.Unreadable<>(Fault.BAD_PADDING);
    }
    return new Reading.Read<>(padded.substring(Padding.LENGTH_BYTES, end));
  }

  private static boolean isZero(ByteString bytes, int from) {
    for (int i = from; i < bytes.size(); i++) {
      if (bytes.byteAt(i) != 0) {
        return false;
      }
    }
    return true;
  }
}
