// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.record.Signer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A conversation whose next epoch a test may set as it likes.
final class TestConversation {
  Genesis genesis;
  ConversationId id;
  Epoch epoch = Epoch.FIRST;
  Hash prev;
  EpochReason reason = EpochReason.CREATED;
  Signer rotator;
  TestKey key;
  ByteString histLink = ByteString.EMPTY;
  List<RosterEntry> roster = new ArrayList<>();

  TestConversation(TestAccount creator, HistoryPolicy history, AddPolicy add) {
    this(genesis(creator, history, add), creator);
  }

  private TestConversation(Genesis genesis, TestAccount creator) {
    this.genesis = genesis;
    this.id = genesis.statement().conversation();
    this.prev = genesis.statement().hash();
    this.rotator = creator.signer();
    this.key = creator.first().dsk();
  }

  static Genesis genesis(TestAccount creator, HistoryPolicy history, AddPolicy add) {
    GenesisStatement statement = new GenesisStatement(creator.tenant, ConversationType.GROUP, creator.signer(),
        creator.record().hash(), TestAccount.bytes(32, 0x13), GenesisStatement.NO_PREDECESSOR,
        new Policy(history, add, RewrapPolicy.CONFIRM), 0, creator.createdMs);
    return new Genesis(statement, creator.first().dsk().sign("genesis", statement.tbs()));
  }

  TestConversation admin(TestAccount member) {
    return with(member, RosterRole.ADMIN, RosterState.ACTIVE);
  }

  TestConversation member(TestAccount member) {
    return with(member, RosterRole.MEMBER, RosterState.ACTIVE);
  }

  TestConversation pending(TestAccount member) {
    return with(member, RosterRole.MEMBER, RosterState.PENDING);
  }

  TestConversation with(TestAccount member, RosterRole role, RosterState state) {
    without(member);
    roster.add(
        new RosterEntry(member.uid, role, state, new AccountKey(member.seq, member.record().hash(), member.aekGen)));
    roster.sort(Comparator.comparing(entry -> entry.uid().bytes(), ByteString.unsignedLexicographicalComparator()));
    return this;
  }

  TestConversation without(TestAccount member) {
    roster.removeIf(entry -> entry.uid().equals(member.uid));
    return this;
  }

  TestConversation by(TestAccount member) {
    rotator = member.signer();
    key = member.first().dsk();
    return this;
  }

  TestConversation next(EpochReason why) {
    TestConversation next = new TestConversation(genesis, new TestAccount(0));
    next.epoch = epoch.next();
    next.prev = statement().hash();
    next.reason = why;
    next.rotator = rotator;
    next.key = key;
    next.roster = new ArrayList<>(roster);
    return next;
  }

  EpochStatement statement() {
    return new EpochStatement(id, epoch, prev, reason, rotator, new Hash(TestAccount.bytes(32, 0x32)), histLink, roster,
        7);
  }

  EpochRecord record() {
    EpochStatement statement = statement();
    return new EpochRecord(statement, key.sign("epoch", statement.tbs()));
  }
}
