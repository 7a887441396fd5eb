// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;

/// What a user's devices tell each other, which only they open.
public record SelfBlob(SelfKind kind, long counter, ByteString wrap, ByteString sealed, Signature signature) {
  /// Of a wrapped key of 32 bytes.
  public static final int WRAP_BYTES = 113;
  /// The largest there is: the fixed fields, and the largest content sealed.
  public static final int BYTES_MAX = 10 + WRAP_BYTES + Envelope.SEAL_BYTES + Padding.SELF_MAX + Signature.BYTES;
  private static final int SIZE_HINT = 1024;

  public SelfBlob {
    RecordWriter.requireU64(counter, 1);
    RecordWriter.requireLength(wrap, WRAP_BYTES);
    RecordWriter.require(isSealed(sealed.size()), Fault.WRONG_LENGTH);
  }

  public static Reading<SelfBlob> read(ByteString bytes) {
    RecordReader in = new RecordReader(bytes);
    in.version();
    SelfKind kind = in.oneOf(SelfKind.values());
    long counter = in.u64(1);
    ByteString wrap = in.fixed(WRAP_BYTES);
    ByteString sealed = in.allBut(Signature.BYTES);
    in.require(isSealed(sealed.size()), Fault.WRONG_LENGTH);
    Signature signature = in.signature();
    return in.end(() -> new SelfBlob(kind, counter, wrap, sealed, signature));
  }

  private static boolean isSealed(int size) {
    return Padding.isSize(size - Envelope.SEAL_BYTES, Padding.SELF_MAX);
  }

  public ByteString bytes() {
    return unsigned(kind, counter, wrap, sealed).concat(signature.bytes());
  }

  /// What the device signs.
  public ByteString tbs() {
    return tbs(kind, counter, wrap, sealed);
  }

  public static ByteString tbs(SelfKind kind, long counter, ByteString wrap, ByteString sealed) {
    return new RecordWriter(Long.BYTES + Hash.BYTES).u64(counter)
        .bytes(Hash.of(unsigned(kind, counter, wrap, sealed)).bytes()).written();
  }

  private static ByteString unsigned(SelfKind kind, long counter, ByteString wrap, ByteString sealed) {
    return new RecordWriter(SIZE_HINT).version().oneOf(kind).u64(counter).bytes(wrap).bytes(sealed).written();
  }
}
