// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.RosterEntry;
import java.util.Optional;

/// What can be said about a message without its key: where it belongs, and that its sender sent it.
public final class EnvelopeCheck {
  private EnvelopeCheck() {
  }

  /// Against the verified record of the epoch, and the sender's verified AccountRecord: the one of its entry there,
  /// or a later one.
  public static Verdict verify(Envelope envelope, EpochRecord epoch, AccountRecord sender) {
    MessageHeader header = envelope.header();
    EpochStatement statement = epoch.statement();
    Optional<Point> key = key(header, statement, sender);
    return new Finding()
        .require(
            () -> header.conversation().equals(statement.conversation()) && header.epoch().equals(statement.epoch()),
            Fault.WRONG_CONTEXT)
        .require(key::isPresent, Fault.NOT_A_SIGNER)
        .require(
            () -> key.filter(point -> Signatures.verify(point, "msg", envelope.tbs(epoch.hash()), envelope.signature()))
                .isPresent(),
            Fault.BAD_SIGNATURE)
        .verdict();
  }

  private static Optional<Point> key(MessageHeader header, EpochStatement epoch, AccountRecord sender) {
    boolean known = sender.statement().uid().equals(header.uid())
        && epoch.entry(header.uid()).filter(entry -> entry.active() && isOf(entry, sender)).isPresent();
    return known ? sender.statement().device(header.device()).map(Device::dsk) : Optional.empty();
  }

  private static boolean isOf(RosterEntry entry, AccountRecord sender) {
    long seq = sender.statement().seq();
    return seq > entry.account().accountSeq()
        || (seq == entry.account().accountSeq() && sender.hash().equals(entry.account().accountHash()));
  }
}
