// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.Accounts;
import io.e2relay.protocol.verify.EnvelopeCheck;
import io.e2relay.protocol.verify.Verdict;

/// Opens messages of a verified epoch: who sent one is verified before it is opened.
public final class MessageOpening {
  private final EpochRecord epoch;
  private final SymmetricKey key;

  public MessageOpening(EpochRecord epoch, SymmetricKey key) {
    this.epoch = epoch;
    this.key = key;
  }

  /// What a message says.
  public sealed interface Message {
    record Content(ByteString content) implements Message {
      @Override
      public String toString() {
        return "Content[secret]";
      }
    }

    record Ephemeral(ByteString content) implements Message {
      @Override
      public String toString() {
        return "Ephemeral[secret]";
      }
    }

    /// Takes a message of the same user back.
    record Tombstone(MsgId target) implements Message {
    }

    /// Everything was read up to that place of the conversation.
    record Receipt(long upTo) implements Message {
    }
  }

  /// With the sender's verified AccountRecords, of its entry and later: WRONG_CONTEXT, NOT_A_SIGNER, BAD_SIGNATURE,
  /// CANNOT_OPEN, BAD_PADDING.
  public Reading<Message> open(Envelope envelope, Accounts accounts) {
    if (EnvelopeCheck.verify(envelope, epoch, accounts) instanceof Verdict.Invalid(Fault fault)) {
      return new Reading.Unreadable<>(fault);
    }
    return switch (envelope.header().type()) {
      case TOMBSTONE -> new Reading.Read<>(new Message.Tombstone(envelope.target()));
      case RECEIPT -> new Reading.Read<>(new Message.Receipt(envelope.readUpTo()));
      case CONTENT -> switch (content(envelope)) {
        case Reading.Read<ByteString>(ByteString content) -> new Reading.Read<>(new Message.Content(content));
        case Reading.Unreadable<ByteString>(Fault fault) -> new Reading.Unreadable<>(fault);
      };
      case EPHEMERAL -> switch (content(envelope)) {
        case Reading.Read<ByteString>(ByteString content) -> new Reading.Read<>(new Message.Ephemeral(content));
        case Reading.Unreadable<ByteString>(Fault fault) -> new Reading.Unreadable<>(fault);
      };
    };
  }

  private Reading<ByteString> content(Envelope envelope) {
    ByteString context = MessageMaker.context(epoch.hash(), envelope.header());
    return switch (Sealing.open(key, Sealing.Label.MESSAGE, context, envelope.body())) {
      case Reading.Read<ByteString>(ByteString padded) -> PaddedContent.unpad(padded);
      case Reading.Unreadable<ByteString> unreadable -> unreadable;
    };
  }
}
