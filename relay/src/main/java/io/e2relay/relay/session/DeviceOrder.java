// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.wire.Send;

/// The numbers of a device's messages in one encrypted conversation, as they come over one connection: none is passed
/// over, so that after a refusal nothing overtakes.
///
/// The first one may have any number. Those below the next one are retries: the store has their answer.
final class DeviceOrder {
  private long next;

  boolean admits(long seq) {
    begin(seq);
    return seq <= next;
  }

  void stored(long seq) {
    if (seq == next) {
      next++;
    }
  }

  /// A first message that was refused before anybody looked at it: it is still the one that has to come.
  void passedOver(Send send) {
    if (next == 0 && Envelope.read(send.getBody()) instanceof Reading.Read<Envelope>(Envelope envelope)
        && envelope.header().conversation().bytes().equals(send.getConversationId())) {
      begin(envelope.header().seq());
    }
  }

  boolean begun() {
    return next != 0;
  }

  private void begin(long seq) {
    if (next == 0) {
      next = seq;
    }
  }
}
