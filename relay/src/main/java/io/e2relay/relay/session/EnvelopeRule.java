// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.wire.Send;

/// What an encrypted conversation takes: sealed messages and tombstones that are exactly what the request and the
/// connection say of them. Nothing is opened, and nothing else is ever stored.
final class EnvelopeRule {
  private EnvelopeRule() {
  }

  sealed interface Finding {
    record Fits(Envelope envelope) implements Finding {
    }

    record Refused(ErrorCode code) implements Finding {
    }
  }

  static Finding judge(Send send, Identity sender) {
    if (!sender.proven()) {
      return new Finding.Refused(ErrorCode.DEVICE_UNPROVEN);
    }
    return switch (Envelope.read(send.getBody())) {
      case Reading.Read<Envelope>(Envelope envelope) when fits(envelope.header(), send, sender) ->
        new Finding.Fits(envelope);
      case Reading.Read<Envelope> _,Reading.Unreadable<Envelope> _ -> new Finding.Refused(ErrorCode.PLAINTEXT_REJECTED);
    };
  }

  private static boolean fits(MessageHeader header, Send send, Identity sender) {
    boolean kept = switch (header.type()) {
      case CONTENT, TOMBSTONE -> true;
      // Not for the log: they have frames of their own.
      case EPHEMERAL, RECEIPT -> false;
    };
    return kept && header.conversation().bytes().equals(send.getConversationId())
        && header.epoch().value() == send.getEpoch() && header.msgId().bytes().equals(send.getMsgId())
        && header.uid().bytes().equals(sender.uid()) && header.device().bytes().equals(sender.device());
  }
}
