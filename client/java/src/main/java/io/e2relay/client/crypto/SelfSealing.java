// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Padding;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.SelfBlob;
import io.e2relay.protocol.record.SelfKind;
import io.e2relay.protocol.verify.Signatures;
import java.util.Collection;

/// Makes and opens what a user's devices tell each other.
public final class SelfSealing {
  private static final int VERSION = 1;

  private final Randomness randomness;
  private final Account account;

  public SelfSealing(Account account) {
    this(Randomness.SECURE, account);
  }

  SelfSealing(Randomness randomness, Account account) {
    this.randomness = randomness;
    this.account = account;
  }

  /// Seals for all my devices, to the newest generation of my key.
  public SelfBlob seal(DeviceKeys keys, Point aek, SelfKind kind, long counter, ByteString content) {
    SymmetricKey fresh = SymmetricKey.generate(randomness);
    ByteString wrap = Wrapping.wrap(randomness, fresh, aek, wrapOf(kind, counter));
    ByteString sealed = Sealing.seal(randomness, fresh, Sealing.Label.SELF, context(kind, counter),
        PaddedContent.pad(content, Padding.SELF_MAX));
    return new SelfBlob(kind, counter, wrap, sealed,
        keys.signing().sign(randomness, "self", SelfBlob.tbs(kind, counter, wrap, sealed)));
  }

  /// Opens what a device of this record of mine sealed: BAD_SIGNATURE, ROLLED_BACK if this device remembers a newer
  /// one, CANNOT_OPEN, BAD_PADDING.
  public Reading<ByteString> open(SelfBlob blob, AccountStatement mine, Collection<AgreementKey> generations,
      long remembered) {
    ByteString tbs = blob.tbs();
    if (mine.devices().stream().noneMatch(device -> Signatures.verify(device.dsk(), "self", tbs, blob.signature()))) {
      return new Reading.Unreadable<>(Fault.BAD_SIGNATURE);
    }
    if (blob.counter() < remembered) {
      return new Reading.Unreadable<>(Fault.ROLLED_BACK);
    }
    var what = wrapOf(blob.kind(), blob.counter());
    for (AgreementKey aek : generations) {
      if (Wrapping.unwrap(aek, what, blob.wrap()) instanceof Reading.Read<SymmetricKey>(SymmetricKey key)) {
        return opened(key, blob);
      }
    }
    return new Reading.Unreadable<>(Fault.CANNOT_OPEN);
  }

  private Reading<ByteString> opened(SymmetricKey key, SelfBlob blob) {
    ByteString context = context(blob.kind(), blob.counter());
    return switch (Sealing.open(key, Sealing.Label.SELF, context, blob.sealed())) {
      case Reading.Read<ByteString>(ByteString padded) -> PaddedContent.unpad(padded);
      case Reading.Unreadable<ByteString> unreadable -> unreadable;
    };
  }

  private Wrapping.SelfWrap wrapOf(SelfKind kind, long counter) {
    return new Wrapping.SelfWrap(account.tenant(), account.uid(), kind, counter);
  }

  private ByteString context(SelfKind kind, long counter) {
    return new Joined().bytes(account.bytes()).u8(VERSION).u8(kind.number()).u64(counter).toByteString();
  }
}
