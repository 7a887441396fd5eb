// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.filled;
import static io.e2relay.client.crypto.VectorsConversations.EPOCHS;
import static io.e2relay.client.crypto.VectorsConversations.epoch;
import static io.e2relay.client.crypto.VectorsPerson.ALICE;
import static io.e2relay.client.crypto.VectorsPerson.BOB;
import static io.e2relay.client.crypto.VectorsPerson.CAROL;
import static io.e2relay.client.crypto.VectorsWorld.admin;
import static io.e2relay.client.crypto.VectorsWorld.entry;
import static io.e2relay.client.crypto.VectorsWorld.member;
import static io.e2relay.client.crypto.VectorsWorld.signer;
import static io.e2relay.client.crypto.VectorsWorld.unknown;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.record.Signer;
import java.util.List;
import java.util.function.UnaryOperator;

/// The faults of epoch.json; each expected fault was written down from the text of the protocol.
final class VectorsEpochFaults {
  private static final long BEYOND = 1L << 53;
  private static final List<String> BEFORE = EPOCHS.subList(0, 2);

  private final VectorsFile file;

  VectorsEpochFaults(VectorsFile file) {
    this.file = file;
  }

  void write() {
    numbers();
    rosters();
    contradictions();
    place();
    signers();
    restarts();
    changes();
  }

  private void refused(String name, ByteString bytes, Fault fault, List<String> chain, String accounts) {
    file.negative(VectorsCase.named(name).with("record", "EpochRecord").with("accounts", accounts).with("chain", chain)
        .with("bytes", bytes), fault, VectorsConversations.outcome(bytes, chain, VectorsWorld.known(accounts)));
  }

  private void refused(String name, ByteString bytes, Fault fault) {
    refused(name, bytes, fault, BEFORE, VectorsWorld.USUAL);
  }

  /// The third epoch, which bob made, with something else in it, signed again.
  private void edited(String name, Fault fault, UnaryOperator<VectorsParts> edit) {
    refused(name, edit.apply(third()).signed("sig", BOB.dsk(1), "epoch").joined(), fault);
  }

  private static VectorsParts third() {
    return VectorsParts.epoch(epoch(3).bytes());
  }

  private void number(String name, Fault fault, String field, long value) {
    edited(name, fault, parts -> parts.with(field, value));
  }

  private void last(String name, Fault fault, UnaryOperator<VectorsParts> edit) {
    edited(name, fault,
        parts -> parts.withEntry("roster", 2, edit.apply(VectorsParts.entry(parts.entry("roster", 2))).joined()));
  }

  private void numbers() {
    number("version 0", Fault.UNKNOWN_VERSION, "ver", 0);
    number("version 2", Fault.UNKNOWN_VERSION, "ver", 2);
    number("suite 2", Fault.UNKNOWN_SUITE, "suite", 2);
    number("epoch 0", Fault.OUT_OF_RANGE, "epoch", 0);
    number("reason 0", Fault.UNKNOWN_VALUE, "reason", 0);
    number("reason 12", Fault.UNKNOWN_VALUE, "reason", 12);
    number("account_seq 0", Fault.OUT_OF_RANGE, "account_seq", 0);
    number("account_seq 2^53", Fault.OUT_OF_RANGE, "account_seq", BEYOND);
    number("hist_length 111", Fault.WRONG_LENGTH, "hist_length", 111);
    number("hist_length 113", Fault.WRONG_LENGTH, "hist_length", 113);
    number("hist_length 1", Fault.WRONG_LENGTH, "hist_length", 1);
    number("no members", Fault.OUT_OF_RANGE, "n", 0);
    number("1,001 members", Fault.OUT_OF_RANGE, "n", 1001);
    number("65,535 members", Fault.OUT_OF_RANGE, "n", 65_535);
    number("one member more than there are", Fault.UNKNOWN_VALUE, "n", 4);
    number("created_ms 2^53", Fault.OUT_OF_RANGE, "created_ms", BEYOND);
    last("role 2", Fault.UNKNOWN_VALUE, parts -> parts.with("role", 2));
    last("state 2", Fault.UNKNOWN_VALUE, parts -> parts.with("state", 2));
    last("account_seq of an entry 2^53", Fault.OUT_OF_RANGE, parts -> parts.with("account_seq", BEYOND));
    refused("no bytes", ByteString.EMPTY, Fault.TRUNCATED);
    refused("a byte behind", epoch(3).bytes().concat(filled(0, 1)), Fault.TRAILING_BYTES);
  }

  private void rosters() {
    edited("roster in another order", Fault.UNSORTED, parts -> parts.with("roster",
        parts.entry("roster", 1).concat(parts.entry("roster", 0)).concat(parts.entry("roster", 2))));
    edited("the same member twice", Fault.UNSORTED, parts -> parts.with("roster",
        parts.entry("roster", 0).concat(parts.entry("roster", 1)).concat(parts.entry("roster", 1))));
    last("two members of the same uid", Fault.UNSORTED, parts -> parts.with("uid", BOB.uid().bytes()));
  }

  private void contradictions() {
    number("reason 1 in epoch 3", Fault.CONTRADICTION, "reason", 1);
    number("epoch 1 for another reason", Fault.CONTRADICTION, "epoch", 1);
    number("restarted with a link", Fault.CONTRADICTION, "reason", 11);
    edited("epoch 1 with a link", Fault.CONTRADICTION, parts -> parts.with("epoch", 1).with("reason", 1));
    last("active without an account", Fault.CONTRADICTION,
        parts -> parts.with("account_seq", 0).with("account_hash", filled(0, 32)).with("aek_gen", 0));
    last("account without a seq", Fault.CONTRADICTION, parts -> parts.with("account_seq", 0));
    last("account without a hash", Fault.CONTRADICTION, parts -> parts.with("account_hash", filled(0, 32)));
    last("account without a key", Fault.CONTRADICTION, parts -> parts.with("aek_gen", 0));
    last("pending with half an account", Fault.CONTRADICTION, parts -> parts.with("state", 1).with("aek_gen", 0));
  }

  private void place() {
    edited("another conversation", Fault.WRONG_CONTEXT, parts -> parts.with("conv_id", filled(0xc0, 32)));
    refused("older than the last", epoch(1).bytes(), Fault.ROLLED_BACK);
    refused("one left out", epoch(4).bytes(), Fault.BROKEN_CHAIN);
    edited("another record before", Fault.BROKEN_CHAIN, parts -> parts.with("prev_hash", filled(9, 32)));
    VectorsParts second = VectorsParts.epoch(epoch(2).bytes());
    refused("another of the same epoch", second.with("created_ms", 1).signed("sig", ALICE.dsk(1), "epoch").joined(),
        Fault.FORKED);
    refused("first one that follows another genesis", VectorsParts.epoch(epoch(1).bytes())
        .with("prev_hash", filled(9, 32)).signed("sig", ALICE.dsk(1), "epoch").joined(), Fault.BROKEN_CHAIN, List.of(),
        VectorsWorld.USUAL);
    refused("first one that is the second", epoch(2).bytes(), Fault.BROKEN_CHAIN, List.of(), VectorsWorld.USUAL);
  }

  private void signers() {
    VectorsParts third = third();
    ByteString tbs = third.before("sig");
    refused("signed by another device", third.with("sig", BOB.dsk(2).sign("epoch", tbs).bytes()).joined(),
        Fault.BAD_SIGNATURE);
    refused("signed under another name", third.with("sig", BOB.dsk(1).sign("grant", tbs).bytes()).joined(),
        Fault.BAD_SIGNATURE);
    refused("signed as another member", third.with("sig", ALICE.dsk(1).sign("epoch", tbs).bytes()).joined(),
        Fault.BAD_SIGNATURE);
    VectorsParts first = VectorsParts.epoch(epoch(1).bytes());
    refused(
        "first one by somebody else than the creator", first.with("rotator_uid", BOB.uid().bytes())
            .with("rotator_device", BOB.device(1).bytes()).signed("sig", BOB.dsk(1), "epoch").joined(),
        Fault.NOT_A_SIGNER, List.of(), VectorsWorld.USUAL);
    refused(
        "first one by another device of the creator", first.with("rotator_device", ALICE.device(2).bytes())
            .with("account_seq", 2).signed("sig", ALICE.dsk(2), "epoch").joined(),
        Fault.NOT_A_SIGNER, List.of(), VectorsWorld.USUAL);
    by("by somebody pending", CAROL, 1, 1);
    by("by a record that nobody knows", BOB, 1, 9);
    by("by a device that the record lacks", BOB, 3, 1);
    EpochStatement old = VectorsWorld.next(epoch(4).hash(), 5, EpochReason.BY_USER, signer(ALICE, 2, 2),
        epoch(4).statement().roster());
    refused("by a revoked device, naming the record in which it was", VectorsWorld.signed(old, ALICE.dsk(2)).bytes(),
        Fault.NOT_A_SIGNER, EPOCHS.subList(0, 4), VectorsWorld.USUAL);
    EpochStatement reset = VectorsWorld.next(epoch(4).hash(), 5, EpochReason.BY_USER, signer(BOB, 3, 2),
        epoch(4).statement().roster());
    refused("by somebody who was reset", VectorsWorld.signed(reset, BOB.dsk(3)).bytes(), Fault.NOT_A_SIGNER,
        EPOCHS.subList(0, 4), VectorsWorld.BOB_RESET);
    EpochStatement unnamed = VectorsWorld.next(VectorsConversations.OF_GHOST.hash(), 3, EpochReason.BY_USER,
        signer(BOB, 1, 1), epoch(1).statement().roster());
    refused("by somebody whose entry names a record that he never made",
        VectorsWorld.signed(unnamed, BOB.dsk(1)).bytes(), Fault.NOT_A_SIGNER,
        List.of(EPOCHS.getFirst(), VectorsConversations.GHOST), VectorsWorld.USUAL);
    EpochStatement removed = VectorsWorld.next(epoch(5).hash(), 6, EpochReason.BY_USER, signer(CAROL, 1, 1),
        epoch(5).statement().roster());
    refused("by somebody removed", VectorsWorld.signed(removed, CAROL.dsk(1)).bytes(), Fault.NOT_A_SIGNER,
        EPOCHS.subList(0, 5), VectorsWorld.USUAL);
  }

  private void by(String name, VectorsPerson person, int device, long seq) {
    Signer signer = signer(person, device, seq);
    EpochStatement statement = VectorsWorld.next(epoch(2).hash(), 3, EpochReason.BY_USER, signer,
        epoch(2).statement().roster());
    refused(name, VectorsWorld.signed(statement, person.dsk(device)).bytes(), Fault.NOT_A_SIGNER);
  }

  private void restarts() {
    refused("restarted while somebody is left", epoch(6).bytes(), Fault.NOT_A_SIGNER, EPOCHS.subList(0, 5),
        VectorsWorld.BOB_RESET);
    EpochStatement stranger = VectorsWorld.next(epoch(5).hash(), 6, EpochReason.RESTARTED, signer(CAROL, 1, 1),
        List.of(member(VectorsWorld.CAROL_1)));
    refused("restarted by a stranger", VectorsWorld.signed(stranger, CAROL.dsk(1)).bytes(), Fault.NOT_A_SIGNER,
        EPOCHS.subList(0, 5), VectorsWorld.ALL_RESET);
  }

  private void changes() {
    AccountRecord alice = VectorsWorld.ALICE_1;
    AccountRecord bob = VectorsWorld.BOB_1;
    RosterEntry carol = unknown(CAROL.uid());
    RosterEntry dave = unknown(new VectorsPerson("dave", 0xd4).uid());
    change("added by a member where admins add", List.of(admin(alice), member(bob), carol, dave));
    change("member makes himself admin", List.of(admin(alice), admin(bob), carol));
    change("member makes another admin",
        List.of(admin(alice), member(bob), entry(VectorsWorld.CAROL_1, RosterRole.ADMIN, RosterState.PENDING)));
    EpochStatement old = VectorsWorld.next(epoch(4).hash(), 5, EpochReason.PERIODIC, signer(BOB, 1, 1),
        List.of(admin(alice), admin(bob), member(VectorsWorld.CAROL_1)));
    refused("older record of a member", VectorsWorld.signed(old, BOB.dsk(1)).bytes(), Fault.ROLLED_BACK,
        EPOCHS.subList(0, 4), VectorsWorld.USUAL);
  }

  private void change(String name, List<RosterEntry> roster) {
    EpochStatement statement = VectorsWorld.next(epoch(2).hash(), 3, EpochReason.ADDED, signer(BOB, 1, 1), roster);
    refused(name, VectorsWorld.signed(statement, BOB.dsk(1)).bytes(), Fault.NOT_ALLOWED);
  }
}
