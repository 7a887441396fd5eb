// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/// The segments of Tink's AES-GCM-HKDF streaming AEAD, one after the other: each opens in its place only, and the last
/// one as the last only. Holds one segment at a time.
final class Segments {
  static final int PREFIX_BYTES = 7;

  /// The first bytes of the stream, which count as part of the first segment and end with the beginning of the nonces;
  /// the key that follows from them; and how long every segment is but the last.
  static final class Stream {
    private final byte[] header;
    private final byte[] key;
    private final ByteString prefix;
    private final int segmentBytes;

    Stream(ByteString header, ByteString key, int segmentBytes) {
      this.header = header.toByteArray();
      this.key = key.toByteArray();
      this.prefix = header.substring(header.size() - PREFIX_BYTES);
      this.segmentBytes = segmentBytes;
    }

    private byte[] nonce(long index, boolean last) {
      return new Joined().bytes(prefix).u32(index).u8(last ? 1 : 0).toBytes();
    }
  }

  /// Where sealed bytes go, as soon as they are there; the array is used again.
  interface Sink {
    void take(byte[] bytes, int length) throws IOException;
  }

  private Segments() {
  }

  static void seal(Stream stream, InputStream plain, Sink sink) throws IOException {
    byte[] buffer = new byte[stream.segmentBytes];
    System.arraycopy(stream.header, 0, buffer, 0, stream.header.length);
    int from = stream.header.length;
    int ahead = plain.read();
    for (long index = 0;; index++) {
      int room = buffer.length - Aead.TAG_BYTES - from;
      int filled = 0;
      if (ahead >= 0) {
        buffer[from] = (byte) ahead;
        filled = 1 + plain.readNBytes(buffer, from + 1, room - 1);
        // Whether a full segment is the last one shows only behind it.
        ahead = filled == room ? plain.read() : -1;
      }
      boolean last = ahead < 0;
      Aead.encryptInPlace(stream.key, stream.nonce(index, last), buffer, from, filled);
      sink.take(buffer, from + filled + Aead.TAG_BYTES);
      if (last) {
        return;
      }
      from = 0;
    }
  }

  /// Opens a stream whose header was read from it already.
  static final class Opening {
    private final Stream stream;
    private final InputStream input;
    private final byte[] sealed;
    private byte[] plain;
    private int sealedLength;
    private int plainLength;
    private int ahead;
    private long index;

    Opening(Stream stream, InputStream input) throws IOException {
      this.stream = stream;
      this.input = input;
      this.sealed = new byte[stream.segmentBytes];
      this.plain = new byte[stream.segmentBytes];
      this.ahead = input.read();
    }

    /// Opens the next segment; false if it does not open.
    boolean next() throws IOException {
      int from = index == 0 ? stream.header.length : 0;
      System.arraycopy(stream.header, 0, sealed, 0, from);
      sealedLength = from;
      if (ahead >= 0) {
        sealed[from] = (byte) ahead;
        sealedLength += 1 + input.readNBytes(sealed, from + 1, sealed.length - from - 1);
        ahead = sealedLength == sealed.length ? input.read() : -1;
      }
      plainLength = sealedLength - from - Aead.TAG_BYTES;
      return plainLength >= 0 && Aead.decryptAny(stream.key, stream.nonce(index++, ahead < 0), List.of(), sealed, from,
          sealedLength - from, plain);
    }

    boolean atEnd() {
      return ahead < 0;
    }

    /// The segment as it was sealed, the first one with the header before it; to be read before the next.
    byte[] sealed() {
      return sealed;
    }

    int sealedLength() {
      return sealedLength;
    }

    byte[] plain() {
      return plain;
    }

    /// What was opened last, for keeps; the next one is opened into the other array, which is as long.
    byte[] exchange(byte[] other) {
      byte[] kept = plain;
      plain = other;
      return kept;
    }

    int plainLength() {
      return plainLength;
    }
  }
}
