// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.Signer;
import java.util.Optional;

/// How far a conversation's chain of epochs is verified: its genesis and its last record.
public record EpochChain(Genesis genesis, EpochRecord last) {
  /// Whether a conversation was begun by a device of the account that it names.
  public static Verdict genesis(Genesis genesis, Accounts accounts) {
    GenesisStatement statement = genesis.statement();
    Signer creator = statement.creator();
    var account = accounts.record(creator.uid(), creator.accountSeq());
    Optional<Point> key = new SignerCheck(accounts).device(creator);
    return new Finding()
        .require(() -> account.map(record -> record.statement().tenant().equals(statement.tenant())).orElse(true),
            Fault.WRONG_CONTEXT)
        .require(
            () -> account.map(record -> record.hash().equals(statement.accountHash())).orElse(false) && key.isPresent(),
            Fault.NOT_A_SIGNER)
        .require(() -> signed(key, "genesis", statement.tbs(), genesis.signature()), Fault.BAD_SIGNATURE).verdict();
  }

  /// Begins with the record of epoch 1 of a genesis that was verified.
  public static Reading<EpochChain> from(Genesis genesis, EpochRecord first, Accounts accounts) {
    EpochStatement statement = first.statement();
    Signer rotator = statement.rotator();
    Signer creator = genesis.statement().creator();
    SignerCheck signers = new SignerCheck(accounts);
    Optional<Point> key = Optional.of(rotator).filter(signer -> signer.uid().equals(creator.uid())
        && signer.device().equals(creator.device()) && signer.accountSeq() >= creator.accountSeq())
        .flatMap(signers::device);
    return new Finding().and(() -> belongs(genesis, statement))
        .require(() -> statement.epoch().equals(Epoch.FIRST) && statement.prev().equals(genesis.statement().hash()),
            Fault.BROKEN_CHAIN)
        .require(key::isPresent, Fault.NOT_A_SIGNER)
        .require(() -> signed(key, "epoch", first.tbs(), first.signature()), Fault.BAD_SIGNATURE)
        .reading(() -> new EpochChain(genesis, first));
  }

  /// With one record more, if it follows; unchanged, if it is the last one again.
  public Reading<EpochChain> next(EpochRecord record, Accounts accounts) {
    EpochStatement now = record.statement();
    EpochStatement before = last.statement();
    Hash lastHash = last.hash();
    boolean again = record.hash().equals(lastHash);
    Finding finding = new Finding().and(() -> belongs(genesis, now))
        .require(() -> now.epoch().value() >= before.epoch().value(), Fault.ROLLED_BACK)
        .require(() -> !now.epoch().equals(before.epoch()) || again, Fault.FORKED);
    if (again) {
      return finding.reading(() -> this);
    }
    SignerCheck signers = new SignerCheck(accounts);
    Optional<Point> key = now.reason() == EpochReason.RESTARTED
        ? signers.restarting(last, now.rotator())
        : signers.active(last, now.rotator());
    RosterChange change = new RosterChange(before, now, genesis.statement().policy().add());
    return finding
        .require(() -> now.epoch().equals(before.epoch().next()) && now.prev().equals(lastHash), Fault.BROKEN_CHAIN)
        .require(key::isPresent, Fault.NOT_A_SIGNER)
        .require(() -> signed(key, "epoch", record.tbs(), record.signature()), Fault.BAD_SIGNATURE)
        .require(change::keepsUp, Fault.ROLLED_BACK).require(change::isAllowed, Fault.NOT_ALLOWED)
        .reading(() -> new EpochChain(genesis, record));
  }

  private static Verdict belongs(Genesis genesis, EpochStatement statement) {
    boolean full = genesis.statement().policy().history() == HistoryPolicy.FULL;
    return new Finding()
        .require(() -> statement.conversation().equals(genesis.statement().conversation()), Fault.WRONG_CONTEXT)
        .require(() -> full || statement.histLink().isEmpty(), Fault.RULE_BROKEN).verdict();
  }

  private static boolean signed(Optional<Point> key, String name, com.google.protobuf.ByteString tbs,
      io.e2relay.protocol.record.Signature signature) {
    return key.filter(point -> Signatures.verify(point, name, tbs, signature)).isPresent();
  }
}
