// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Reading;

/// The key of one message, shown to somebody who judges it. It opens that message, proves that this is what it says,
/// and tells nothing about any other.
public final class Disclosure {
  private final ByteString messageKey;

  private Disclosure(ByteString messageKey) {
    this.messageKey = messageKey;
  }

  /// Of a message that opens with the conversation's key: CANNOT_OPEN, so that nobody reports what proves nothing.
  public static Reading<Disclosure> of(SymmetricKey key, Hash epochHash, Envelope envelope) {
    if (!envelope.sealed()) {
      return new Reading.Unreadable<>(Fault.CANNOT_OPEN);
    }
    ByteString context = context(epochHash, envelope);
    ByteString once = Sealing.onceKey(key, Sealing.Label.MESSAGE, context,
        envelope.body().substring(0, Sealing.SALT_BYTES));
    return switch (Sealing.openOnce(once, context, envelope.body(), Fault.CANNOT_OPEN)) {
      case Reading.Read<ByteString> _ -> new Reading.Read<>(new Disclosure(once));
      case Reading.Unreadable<ByteString>(Fault fault) -> new Reading.Unreadable<>(fault);
    };
  }

  /// As it came with a report.
  public static Disclosure received(ByteString messageKey) {
    if (messageKey.size() != SymmetricKey.BYTES) {
      throw new IllegalArgumentException("a message's key has " + SymmetricKey.BYTES + " bytes");
    }
    return new Disclosure(messageKey);
  }

  /// For the report.
  public ByteString reveal() {
    return messageKey;
  }

  /// The content of the message. BAD_COMMITMENT if this is not its key, whatever it would make of the bytes; also for
  /// a message of a type that is not sealed.
  public Reading<ByteString> open(Hash epochHash, Envelope envelope) {
    if (!envelope.sealed()) {
      return new Reading.Unreadable<>(Fault.BAD_COMMITMENT);
    }
    ByteString context = context(epochHash, envelope);
    return switch (Sealing.openOnce(messageKey, context, envelope.body(), Fault.BAD_COMMITMENT)) {
      case Reading.Read<ByteString>(ByteString padded) -> PaddedContent.unpad(padded);
      case Reading.Unreadable<ByteString> unreadable -> unreadable;
    };
  }

  @Override
  public String toString() {
    return "Disclosure[secret]";
  }

  private static ByteString context(Hash epochHash, Envelope envelope) {
    return epochHash.bytes().concat(envelope.header().bytes());
  }
}
