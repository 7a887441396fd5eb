// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;

/// An account's backup as the service keeps it: its key sealed twice, and the bundle sealed with that key.
public record BackupBlob(KdfParameters kdf, ByteString backupId, long bundleSeq, ByteString bkPw, ByteString bkRc,
    ByteString bundle) {
  public static final int BACKUP_ID_BYTES = 16;
  /// Of a sealed key of 32 bytes.
  public static final int SEALED_KEY_BYTES = 112;
  /// Of a sealed bundle without generations.
  public static final int BUNDLE_BYTES = 239;
  public static final int GENERATION_BYTES = 100;
  public static final int GENERATIONS_MAX = 1000;
  /// The largest there is: the fixed fields, and a bundle of all generations.
  public static final int BYTES_MAX = 62 + 2 * SEALED_KEY_BYTES + BUNDLE_BYTES + GENERATIONS_MAX * GENERATION_BYTES;
  private static final int SIZE_HINT = 640;

  public BackupBlob {
    RecordWriter.requireLength(backupId, BACKUP_ID_BYTES);
    RecordWriter.requireU64(bundleSeq, 1);
    RecordWriter.requireLength(bkPw, SEALED_KEY_BYTES);
    RecordWriter.requireLength(bkRc, SEALED_KEY_BYTES);
    RecordWriter.require(isBundle(bundle.size()), Fault.WRONG_LENGTH);
  }

  public static Reading<BackupBlob> read(ByteString bytes) {
    RecordReader in = new RecordReader(bytes);
    in.version();
    int kdfId = in.u8();
    in.require(kdfId == KdfParameters.KDF_ID, Fault.WEAK_KDF);
    long iterations = in.u32(0);
    in.require(KdfParameters.strong(kdfId, iterations), Fault.WEAK_KDF);
    ByteString salt = in.fixed(KdfParameters.SALT_BYTES);
    ByteString backupId = in.fixed(BACKUP_ID_BYTES);
    long bundleSeq = in.u64(1);
    ByteString bkPw = in.fixed(SEALED_KEY_BYTES);
    ByteString bkRc = in.fixed(SEALED_KEY_BYTES);
    ByteString bundle = in.allBut(0);
    in.require(isBundle(bundle.size()), Fault.WRONG_LENGTH);
    return in
        .end(() -> new BackupBlob(new KdfParameters((int) iterations, salt), backupId, bundleSeq, bkPw, bkRc, bundle));
  }

  private static boolean isBundle(int size) {
    int generations = size - BUNDLE_BYTES;
    return generations >= GENERATION_BYTES && generations <= GENERATIONS_MAX * GENERATION_BYTES
        && generations % GENERATION_BYTES == 0;
  }

  public ByteString bytes() {
    return new RecordWriter(SIZE_HINT + bundle.size()).version().u8(KdfParameters.KDF_ID).u32(kdf.iterations())
        .bytes(kdf.salt()).bytes(backupId).u64(bundleSeq).bytes(bkPw).bytes(bkRc).bytes(bundle).written();
  }
}
