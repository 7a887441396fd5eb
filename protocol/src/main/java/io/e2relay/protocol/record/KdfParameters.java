// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;

/// How a backup's key comes from a password. There is none weaker than the floor: a server that names a weaker one,
/// to be shown something cheap to guess from, gets nothing.
public record KdfParameters(int iterations, ByteString salt) {
  /// PBKDF2 with HMAC-SHA256.
  public static final int KDF_ID = 1;
  public static final int ITERATIONS_MIN = 600_000;
  public static final int ITERATIONS_MAX = 10_000_000;
  public static final int SALT_BYTES = 32;

  public KdfParameters {
    RecordWriter.require(strong(KDF_ID, iterations) && salt.size() == SALT_BYTES, Fault.WEAK_KDF);
  }

  /// What a server says they are: asked before anything is derived.
  public static Reading<KdfParameters> of(long kdfId, long iterations, ByteString salt) {
    return strong(kdfId, iterations) && salt.size() == SALT_BYTES
        ? new Reading.Read<>(new KdfParameters((int) iterations, salt))
        : new Reading.Unreadable<>(Fault.WEAK_KDF);
  }

  static boolean strong(long kdfId, long iterations) {
    return kdfId == KDF_ID && iterations >= ITERATIONS_MIN && iterations <= ITERATIONS_MAX;
  }
}
