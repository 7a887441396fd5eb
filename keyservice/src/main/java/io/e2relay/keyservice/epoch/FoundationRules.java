// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Encryption;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Phase;
import io.e2relay.keyservice.membership.Roster;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.verify.EpochChain;
import io.e2relay.protocol.verify.Verdict;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// With what an encrypted conversation may begin.
///
/// @param membersMax how many members a conversation has at most
record FoundationRules(int membersMax) {
  private static final int PAIR = 2;

  /// What is wrong with it whatever there is; asked before anything is locked.
  ///
  /// @param predecessor the open conversation that shall go on as it; the one that is none for a new beginning
  static @Nullable Objection unfit(Foundation wish, ConversationId predecessor) {
    GenesisStatement genesis = wish.genesis().statement();
    EpochStatement first = wish.first().record().statement();
    Author by = wish.by();
    boolean fits = genesis.tenant().equals(by.tenant()) && EpochRules.isBy(genesis.creator(), by)
        && EpochRules.isBy(first.rotator(), by) && first.conversation().equals(wish.id())
        && genesis.predecessor().equals(predecessor);
    if (!fits) {
      return Objection.of(Fault.WRONG_CONTEXT);
    }
    boolean pair = first.roster().size() == PAIR;
    boolean inside = first.entry(by.uid()).filter(RosterEntry::active).isPresent();
    if (!inside || (genesis.type() == ConversationType.DIRECT && !pair)) {
      return Objection.of(Fault.RULE_BROKEN);
    }
    Fault fault = WrapRule.fault(wish.first());
    return fault == null ? null : Objection.of(fault);
  }

  /// The decision on a conversation that has no predecessor.
  EpochRuling decide(Foundation wish, Holders holders) {
    EpochStatement first = wish.first().record().statement();
    Objection objection = EpochRules.unlessNewest(holders, wish.genesis().statement().creator());
    if (objection == null) {
      objection = EpochRules.unlessNewest(holders, first.rotator());
    }
    if (objection == null
        && EpochChain.genesis(wish.genesis(), holders.records()) instanceof Verdict.Invalid(Fault fault)) {
      objection = Objection.of(fault);
    }
    if (objection == null && EpochChain.from(wish.genesis(), wish.first().record(),
        holders.records()) instanceof Reading.Unreadable<EpochChain>(Fault fault)) {
      objection = Objection.of(fault);
    }
    if (objection == null && first.roster().size() > membersMax) {
      objection = Objection.of(ErrorCode.LIMIT_EXCEEDED);
    }
    if (objection == null) {
      objection = EpochRules.unlessKeyed(new Roster(List.of()), holders, List.of(), first);
    }
    Conversation made = conversation(wish);
    if (objection == null && !made.direct() && !made.roster().led()) {
      objection = Objection.of(ErrorCode.LAST_ADMIN);
    }
    return objection == null ? new EpochRuling.Open(made, Rosters.beginning(first)) : EpochRules.refused(objection);
  }

  /// The decision on a conversation that goes on as an encrypted one: with its members as they are, by one of its
  /// admins, or by either of two who have it for themselves. Asked under the lock of the open conversation.
  EpochRuling decide(Conversation open, Foundation wish, Holders holders) {
    Objection objection = unlessOpenTo(open, wish);
    if (objection == null) {
      List<Uid> wrong = unlike(open.roster(), Rosters.roster(wish.first().record().statement()));
      objection = wrong.isEmpty() ? null : Objection.of(ErrorCode.ROSTER_MISMATCH, wrong);
    }
    return objection == null ? decide(wish, holders) : EpochRules.refused(objection);
  }

  private static @Nullable Objection unlessOpenTo(Conversation open, Foundation wish) {
    Member member = open.roster().member(wish.by().uid());
    ConversationId successor = open.phase().successor();
    if (member == null) {
      return Objection.of(ErrorCode.NOT_A_MEMBER);
    }
    if (successor != null) {
      return Objection.of(ErrorCode.UPGRADED);
    }
    boolean direct = wish.genesis().statement().type() == ConversationType.DIRECT;
    return open.level() == TrustLevel.TRUST_LEVEL_OPEN && (direct || member.admin())
        ? null
        : Objection.of(ErrorCode.NOT_ALLOWED);
  }

  /// In whom the rosters differ: somebody is in one of them only, or has another role.
  private static List<Uid> unlike(Roster open, Roster next) {
    return Stream.concat(open.members().stream(), next.members().stream()).map(Member::uid).distinct().filter(uid -> {
      Member one = open.member(uid);
      Member other = next.member(uid);
      return one == null || other == null || one.role() != other.role();
    }).sorted(Roster.ORDER).toList();
  }

  private static Conversation conversation(Foundation wish) {
    GenesisStatement genesis = wish.genesis().statement();
    History history = genesis.policy().history() == HistoryPolicy.FULL
        ? History.HISTORY_FULL
        : History.HISTORY_FROM_JOIN;
    return new Conversation(wish.id(), genesis.tenant(), TrustLevel.TRUST_LEVEL_E2EE, history, Epoch.FIRST,
        Rosters.roster(wish.first().record().statement()), ByteString.EMPTY, Phase.OPEN,
        new Encryption(wish.genesis(), wish.first().record().hash()));
  }
}
