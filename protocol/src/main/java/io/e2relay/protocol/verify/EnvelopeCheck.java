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
import java.util.stream.LongStream;

/// What can be said about a message without its key: where it belongs, and that its sender sent it.
public final class EnvelopeCheck {
  private EnvelopeCheck() {
  }

  /// Against the verified record of the epoch, and the verified AccountRecords of its sender.
  public static Verdict verify(Envelope envelope, EpochRecord epoch, Accounts accounts) {
    MessageHeader header = envelope.header();
    EpochStatement statement = epoch.statement();
    Optional<Point> key = statement.entry(header.uid()).filter(RosterEntry::active)
        .flatMap(entry -> key(header, entry, accounts));
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

  /// The key of the sender's device, in the record that the roster names or in a later one with the same root: devices
  /// that came by a reset say nothing in the epochs before it.
  private static Optional<Point> key(MessageHeader header, RosterEntry entry, Accounts accounts) {
    long since = entry.account().accountSeq();
    Optional<AccountRecord> named = accounts.record(header.uid(), since)
        .filter(record -> record.hash().equals(entry.account().accountHash()));
    long newest = accounts.newest(header.uid()).map(record -> record.statement().seq()).orElse(0L);
    return named.flatMap(then -> LongStream.rangeClosed(since, newest)
        .mapToObj(seq -> accounts.record(header.uid(), seq)).flatMap(Optional::stream).map(AccountRecord::statement)
        .takeWhile(now -> now.ark().equals(then.statement().ark())).flatMap(now -> now.device(header.device()).stream())
        .map(Device::dsk).findFirst());
  }
}
