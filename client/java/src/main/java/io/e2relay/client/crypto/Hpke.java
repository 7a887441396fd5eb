// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContext;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;

/// HPKE in base mode (RFC 9180) with (0x0010, 0x0001, 0x0002): one context for each wrap.
final class Hpke {
  /// How much longer a wrap is than what is in it.
  static final int OVERHEAD_BYTES = Point.BYTES + Aead.TAG_BYTES;

  private Hpke() {
  }

  static ByteString wrap(Randomness randomness, Point to, ByteString info, ByteString aad, ByteString plain) {
    HPKEContextWithEncapsulation context = sender(randomness, to, info);
    try {
      byte[] sealed = context.seal(aad.toByteArray(), plain.toByteArray());
      return new Joined().bytes(context.getEncapsulation()).bytes(sealed).toByteString();
    } catch (InvalidCipherTextException e) {
      throw new IllegalStateException("sealing never finds a wrong tag", e);
    }
  }

  /// Whatever is wrong, the fault is CANNOT_OPEN.
  static Reading<ByteString> unwrap(AgreementKey mine, ByteString info, ByteString aad, ByteString wrapped) {
    Reading<ByteString> closed = new Reading.Unreadable<>(Fault.CANNOT_OPEN);
    if (wrapped.size() < OVERHEAD_BYTES) {
      return closed;
    }
    return switch (recipient(mine, wrapped.substring(0, Point.BYTES), info)) {
      case Reading.Unreadable<HPKEContext> _ -> closed;
      case Reading.Read<HPKEContext>(HPKEContext context) -> {
        try {
          yield new Reading.Read<>(
              ByteString.copyFrom(context.open(aad.toByteArray(), wrapped.substring(Point.BYTES).toByteArray())));
        } catch (InvalidCipherTextException _) {
          yield closed;
        }
      }
    };
  }

  /// A context that seals; a public key that is none is a mistake of the caller, who has verified it.
  static HPKEContextWithEncapsulation sender(Randomness randomness, Point to, ByteString info) {
    return switch (P256.publicKey(to.bytes())) {
      case Reading.Read<ECPublicKeyParameters>(ECPublicKeyParameters key) ->
        engine().setupBaseS(key, info.toByteArray(), randomness.ephemeral());
      case Reading.Unreadable<ECPublicKeyParameters>(Fault fault) -> throw new IllegalArgumentException(fault.name());
    };
  }

  /// A context that opens what the encapsulated key was made for.
  static Reading<HPKEContext> recipient(AgreementKey mine, ByteString encapsulated, ByteString info) {
    return switch (P256.publicKey(encapsulated)) {
      case Reading.Read<ECPublicKeyParameters> _ ->
        new Reading.Read<>(engine().setupBaseR(encapsulated.toByteArray(), mine.pair(), info.toByteArray()));
      case Reading.Unreadable<ECPublicKeyParameters>(Fault fault) -> new Reading.Unreadable<>(fault);
    };
  }

  /// A new one for each call: it keeps the agreement it is in the middle of, and two threads that share one make wraps
  /// that nobody can open.
  private static HPKE engine() {
    return new HPKE(HPKE.mode_base, HPKE.kem_P256_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM256);
  }
}
