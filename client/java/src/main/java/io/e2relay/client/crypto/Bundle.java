// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// All that an account is made of, as it stands in a backup. Its private keys are handed out only against the public
/// keys of verified AccountRecords.
public final class Bundle {
  private static final int VERSION = 1;

  private final Hash recordHash;
  private final long accountSeq;
  private final ByteString accountKey;
  private final RecoveryCode recoveryCode;
  private final SortedMap<Long, ByteString> generations;

  private Bundle(Hash recordHash, long accountSeq, ByteString accountKey, RecoveryCode recoveryCode,
      SortedMap<Long, ByteString> generations) {
    this.recordHash = recordHash;
    this.accountSeq = accountSeq;
    this.accountKey = accountKey;
    this.recoveryCode = recoveryCode;
    this.generations = Collections.unmodifiableSortedMap(new TreeMap<>(generations));
  }

  /// Of the account as it is after the record of that hash and number, with every generation of the user's key.
  public static Bundle of(Hash recordHash, long accountSeq, SigningKey accountKey, RecoveryCode recoveryCode,
      SortedMap<Long, AgreementKey> generations) {
    SortedMap<Long, ByteString> serialised = new TreeMap<>();
    generations.forEach((generation, key) -> serialised.put(generation, key.serialised()));
    Bundle bundle = new Bundle(recordHash, accountSeq, accountKey.serialised(), recoveryCode, serialised);
    return switch (read(bundle.bytes())) {
      case Reading.Read<Bundle> _ -> bundle;
      case Reading.Unreadable<Bundle>(Fault fault) -> throw new IllegalArgumentException(fault.name());
    };
  }

  static Reading<Bundle> read(ByteString bytes) {
    Fields in = new Fields(bytes);
    in.require(in.u8() == VERSION, Fault.UNKNOWN_VERSION);
    Hash recordHash = in.hash();
    long accountSeq = in.u64(1);
    ByteString accountKey = in.bytes(P256.PRIVATE_BYTES);
    RecoveryCode recoveryCode = RecoveryCode.of(in.bytes(RecoveryCode.BYTES));
    int count = in.u16();
    in.require(count >= 1 && count <= BackupBlob.GENERATIONS_MAX, Fault.OUT_OF_RANGE);
    SortedMap<Long, ByteString> generations = new TreeMap<>();
    for (int i = 0; i < count && !in.faulty(); i++) {
      long generation = in.u32(1);
      ByteString key = in.bytes(P256.PRIVATE_BYTES);
      in.require(generations.isEmpty() || generation > generations.lastKey(), Fault.UNSORTED);
      generations.put(generation, key);
    }
    return in.end(() -> new Bundle(recordHash, accountSeq, accountKey, recoveryCode, generations));
  }

  ByteString bytes() {
    Joined out = new Joined().u8(VERSION).bytes(recordHash.bytes()).u64(accountSeq).bytes(accountKey)
        .bytes(recoveryCode.toByteString()).u16(generations.size());
    generations.forEach((generation, key) -> out.u32(generation).bytes(key));
    return out.toByteString();
  }

  /// The newest AccountRecord there was when the backup was made: it is in the chain that the service shows, or the
  /// service shows an old one.
  public Hash recordHash() {
    return recordHash;
  }

  public long accountSeq() {
    return accountSeq;
  }

  public RecoveryCode recoveryCode() {
    return recoveryCode;
  }

  /// The account's root, if it is the one whose public part a verified record names: KEY_MISMATCH.
  public Reading<SigningKey> accountKey(Point expected) {
    return SigningKey.read(accountKey, expected);
  }

  /// Which generations of the user's key are there.
  public SortedSet<Long> generations() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(generations.keySet()));
  }

  /// A generation of the user's key, if it is the one whose public part a verified record names: KEY_MISMATCH.
  public Reading<AgreementKey> generation(long generation, Point expected) {
    return AgreementKey.read(generations.getOrDefault(generation, ByteString.EMPTY), expected);
  }

  /// For a device that is in the middle of something, and may be switched off there.
  public ByteString seal(StateKey key, ByteString place) {
    return key.seal(place, bytes());
  }

  public static Reading<Bundle> open(StateKey key, ByteString place, ByteString sealed) {
    return switch (key.open(place, sealed)) {
      case Reading.Read<ByteString>(ByteString bytes) -> read(bytes);
      case Reading.Unreadable<ByteString>(Fault fault) -> new Reading.Unreadable<>(fault);
    };
  }

  @Override
  public String toString() {
    return "Bundle[secret]";
  }
}
