// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.Reading;

/// Seals what a device keeps in files of its own. Its label is none of the protocol's, so that nothing from a file can
/// be taken for something from the service, nor the other way round.
public final class StateKey {
  private static final ByteString LABEL = Labels.of("e2relay/state/1");

  private final SymmetricKey key;

  private StateKey(SymmetricKey key) {
    this.key = key;
  }

  /// A new one.
  public static StateKey generate() {
    return new StateKey(SymmetricKey.generate());
  }

  static Reading<StateKey> read(ByteString bytes) {
    return switch (SymmetricKey.read(bytes)) {
      case Reading.Read<SymmetricKey>(SymmetricKey key) -> new Reading.Read<>(new StateKey(key));
      case Reading.Unreadable<SymmetricKey>(var fault) -> new Reading.Unreadable<>(fault);
    };
  }

  /// Seals, bound to its place, which has to be known to open it.
  public ByteString seal(ByteString place, ByteString plain) {
    return Sealing.seal(Randomness.SECURE, key, LABEL, place, plain);
  }

  /// Opens; whatever is wrong, the fault is CANNOT_OPEN.
  public Reading<ByteString> open(ByteString place, ByteString sealed) {
    return Sealing.open(key, LABEL, place, sealed);
  }

  ByteString toByteString() {
    return key.toByteString();
  }

  @Override
  public String toString() {
    return "StateKey[secret]";
  }
}
