// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.Signer;
import java.util.Optional;

/// Whether somebody may sign for a member of a roster: with which device's key.
final class SignerCheck {
  private final Accounts accounts;

  SignerCheck(Accounts accounts) {
    this.accounts = accounts;
  }

  /// The key of an active member's device. Not that of one which is revoked, so not by a record older than the
  /// roster's; and not of an account that was reset since: anybody may have reset it. An entry that names a record
  /// which its user never made says nothing about who that user is.
  Optional<Point> active(EpochRecord roster, Signer signer) {
    return entry(roster, signer).filter(RosterEntry::active).filter(entry -> {
      Optional<Point> then = accounts.record(signer.uid(), entry.account().accountSeq())
          .filter(record -> record.hash().equals(entry.account().accountHash())).map(SignerCheck::ark);
      return then.isPresent() && then.equals(ark(signer, signer.accountSeq()));
    }).flatMap(_ -> device(signer));
  }

  /// The key of any member's device, once every active member was reset.
  Optional<Point> restarting(EpochRecord roster, Signer signer) {
    boolean nobodyLeft = roster.statement().roster().stream().filter(RosterEntry::active).allMatch(this::wasReset);
    return nobodyLeft ? entry(roster, signer).flatMap(_ -> device(signer)) : Optional.empty();
  }

  Optional<Point> device(Signer signer) {
    return accounts.record(signer.uid(), signer.accountSeq())
        .flatMap(record -> record.statement().device(signer.device())).map(Device::dsk);
  }

  private Optional<RosterEntry> entry(EpochRecord roster, Signer signer) {
    return roster.statement().entry(signer.uid()).filter(entry -> signer.accountSeq() >= entry.account().accountSeq());
  }

  private boolean wasReset(RosterEntry entry) {
    Optional<Point> then = accounts.record(entry.uid(), entry.account().accountSeq()).map(SignerCheck::ark);
    Optional<Point> now = accounts.newest(entry.uid()).map(SignerCheck::ark);
    return then.isPresent() && now.isPresent() && !then.equals(now);
  }

  private Optional<Point> ark(Signer signer, long seq) {
    return accounts.record(signer.uid(), seq).map(SignerCheck::ark);
  }

  private static Point ark(AccountRecord record) {
    AccountStatement statement = record.statement();
    return statement.ark();
  }
}
