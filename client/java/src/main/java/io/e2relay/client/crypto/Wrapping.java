// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.SelfKind;

/// Gives a key to the holder of a public key. What a wrap is for is part of it, so that none can be taken for another.
/// A public key to which something is wrapped was verified before: one that is no point is refused with an exception.
/// A wrap that does not open is CANNOT_OPEN, a private key in it that is not the one expected KEY_MISMATCH.
public final class Wrapping {
  /// Of a wrapped symmetric key.
  public static final int KEY_WRAP_BYTES = Hpke.OVERHEAD_BYTES + SymmetricKey.BYTES;
  /// Of a wrapped private key.
  public static final int PRIVATE_KEY_WRAP_BYTES = Hpke.OVERHEAD_BYTES + P256.PRIVATE_BYTES;

  private Wrapping() {
  }

  /// Whose wrap of which conversation's key it is; the hash is the epoch's or, in a grant, the grant's.
  public record ConversationWrap(ConversationId conversation, Epoch epoch, Uid uid, long aekGeneration, Hash hash) {
    private ByteString info(Point aek) {
      return Joined.label("e2r/1/wrap").bytes(conversation.bytes()).u32(epoch.value()).bytes(uid.bytes())
          .u32(aekGeneration).bytes(Hash.of(aek.bytes()).bytes()).toByteString();
    }
  }

  /// Which device's wrap of which generation of the user's key it is.
  public record DeviceWrap(TenantId tenant, Uid uid, DeviceId device, long aekGeneration, Hash recordHash) {
    private ByteString info(Point dek) {
      return Joined.label("e2r/1/dev-wrap").bytes(tenant.bytes()).bytes(uid.bytes()).bytes(device.bytes())
          .u32(aekGeneration).bytes(Hash.of(dek.bytes()).bytes()).toByteString();
    }
  }

  /// Which device's wrap of the account's root it is; only accounts without a backup have such.
  public record AccountWrap(TenantId tenant, Uid uid, DeviceId device, Hash recordHash) {
    private ByteString info() {
      return Joined.label("e2r/1/ark-wrap").bytes(tenant.bytes()).bytes(uid.bytes()).bytes(device.bytes())
          .toByteString();
    }
  }

  /// Which of a user's own blobs the key is for.
  public record SelfWrap(TenantId tenant, Uid uid, SelfKind kind, long counter) {
    private ByteString info(Point aek) {
      return Joined.label("e2r/1/self-wrap").bytes(tenant.bytes()).bytes(uid.bytes()).u8(kind.number()).u64(counter)
          .bytes(Hash.of(aek.bytes()).bytes()).toByteString();
    }
  }

  /// A conversation's key, for a member.
  public static ByteString wrap(SymmetricKey key, Point aek, ConversationWrap what) {
    return wrap(Randomness.SECURE, key, aek, what);
  }

  static ByteString wrap(Randomness randomness, SymmetricKey key, Point aek, ConversationWrap what) {
    return Hpke.wrap(randomness, aek, what.info(aek), what.hash.bytes(), key.toByteString());
  }

  /// A generation of the user's key, for one of the user's devices.
  public static ByteString wrap(AgreementKey key, Point dek, DeviceWrap what) {
    return wrap(Randomness.SECURE, key, dek, what);
  }

  static ByteString wrap(Randomness randomness, AgreementKey key, Point dek, DeviceWrap what) {
    return Hpke.wrap(randomness, dek, what.info(dek), what.recordHash.bytes(), key.serialised());
  }

  /// The account's root, for one of the devices of an account without a backup.
  public static ByteString wrap(SigningKey key, Point dek, AccountWrap what) {
    return wrap(Randomness.SECURE, key, dek, what);
  }

  static ByteString wrap(Randomness randomness, SigningKey key, Point dek, AccountWrap what) {
    return Hpke.wrap(randomness, dek, what.info(), what.recordHash.bytes(), key.serialised());
  }

  /// The fresh key of a blob, for the user's own devices.
  public static ByteString wrap(SymmetricKey key, Point aek, SelfWrap what) {
    return wrap(Randomness.SECURE, key, aek, what);
  }

  static ByteString wrap(Randomness randomness, SymmetricKey key, Point aek, SelfWrap what) {
    return Hpke.wrap(randomness, aek, what.info(aek), ByteString.EMPTY, key.toByteString());
  }

  /// The conversation's key; compare it with the epoch's commitment before it is used.
  public static Reading<SymmetricKey> unwrap(AgreementKey aek, ConversationWrap what, ByteString wrapped) {
    return symmetric(Hpke.unwrap(aek, what.info(aek.publicKey()), what.hash.bytes(), wrapped));
  }

  /// The generation of the user's key whose public part the user's record names.
  public static Reading<AgreementKey> unwrap(AgreementKey dek, DeviceWrap what, Point expected, ByteString wrapped) {
    ByteString info = what.info(dek.publicKey());
    return switch (serialised(Hpke.unwrap(dek, info, what.recordHash.bytes(), wrapped))) {
      case Reading.Read<ByteString>(ByteString bytes) -> AgreementKey.read(bytes, expected);
      case Reading.Unreadable<ByteString>(Fault fault) -> new Reading.Unreadable<>(fault);
    };
  }

  /// The account's root whose public part the user's record names.
  public static Reading<SigningKey> unwrap(AgreementKey dek, AccountWrap what, Point expected, ByteString wrapped) {
    return switch (serialised(Hpke.unwrap(dek, what.info(), what.recordHash.bytes(), wrapped))) {
      case Reading.Read<ByteString>(ByteString bytes) -> SigningKey.read(bytes, expected);
      case Reading.Unreadable<ByteString>(Fault fault) -> new Reading.Unreadable<>(fault);
    };
  }

  /// The key of one of the user's own blobs.
  public static Reading<SymmetricKey> unwrap(AgreementKey aek, SelfWrap what, ByteString wrapped) {
    return symmetric(Hpke.unwrap(aek, what.info(aek.publicKey()), ByteString.EMPTY, wrapped));
  }

  private static Reading<SymmetricKey> symmetric(Reading<ByteString> opened) {
    return switch (opened) {
      case Reading.Read<ByteString>(ByteString bytes) -> SymmetricKey.read(bytes);
      case Reading.Unreadable<ByteString>(Fault fault) -> new Reading.Unreadable<>(fault);
    };
  }

  /// What has not the length of a private key did not come from a wrap of one.
  private static Reading<ByteString> serialised(Reading<ByteString> opened) {
    return switch (opened) {
      case Reading.Read<ByteString>(ByteString bytes) when bytes.size() != P256.PRIVATE_BYTES ->
        new Reading.Unreadable<>(Fault.CANNOT_OPEN);
      case Reading.Read<ByteString> read -> read;
      case Reading.Unreadable<ByteString> unreadable -> unreadable;
    };
  }
}
