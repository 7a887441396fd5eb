// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.KdfParameters;
import java.security.SecureRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Backups as clients put them, with nothing sealed in them: the service does not look.
public record Sample(Owner owner, BackupBlob blob, ByteString auth, ByteString recoveryAuth) {
  public static final long NOW = 1_795_212_000_000L;
  public static final Pepper FIRST = new Pepper(1, random(32));
  public static final Pepper SECOND = new Pepper(2, random(32));

  public static Sample fresh() {
    return new Sample(new Owner(Named.TENANT, new Uid(random(Uid.BYTES))), blob(1), random(32), random(32));
  }

  /// The one that follows, under another password.
  Sample next() {
    return new Sample(owner, blob(blob.bundleSeq() + 1), random(32), recoveryAuth);
  }

  /// The one that follows, under the same password.
  Sample grown() {
    BackupBlob more = new BackupBlob(blob.kdf(), blob.backupId(), blob.bundleSeq() + 1, random(112), random(112),
        random(BackupBlob.BUNDLE_BYTES + 2 * BackupBlob.GENERATION_BYTES));
    return new Sample(owner, more, auth, recoveryAuth);
  }

  BackupPut put(long follows) {
    return new BackupPut(owner, blob, new Proof.Password(auth), new Proof.Recovery(recoveryAuth), follows);
  }

  Knock right() {
    return new Knock(owner, blob.backupId(), new Proof.Password(auth));
  }

  Knock wrong() {
    return new Knock(owner, blob.backupId(), new Proof.Password(random(32)));
  }

  Knock recovery() {
    return new Knock(owner, blob.backupId(), new Proof.Recovery(recoveryAuth));
  }

  Knock wrongRecovery() {
    return new Knock(owner, blob.backupId(), new Proof.Recovery(random(32)));
  }

  /// Those of a service's file.
  public static Peppers peppers(Pepper... all) {
    Peppers peppers = Peppers.parse(Stream.of(all).map(Peppers::text).collect(Collectors.joining()));
    if (peppers == null) {
      throw new IllegalArgumentException("no peppers");
    }
    return peppers;
  }

  static BackupBlob blob(long bundleSeq) {
    return new BackupBlob(new KdfParameters(700_000, random(32)), random(16), bundleSeq, random(112), random(112),
        random(BackupBlob.BUNDLE_BYTES + BackupBlob.GENERATION_BYTES));
  }

  static ByteString random(int length) {
    byte[] bytes = new byte[length];
    new SecureRandom().nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }
}
