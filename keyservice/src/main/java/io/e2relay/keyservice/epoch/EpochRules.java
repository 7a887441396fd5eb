// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Encryption;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Roster;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.Signer;
import io.e2relay.protocol.verify.EpochChain;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What may become the next epoch of an encrypted conversation.
///
/// A record that follows the chain is one that the members' clients will take. The server asks for more: that it is for
/// exactly those who are members now, and for their newest keys.
///
/// @param membersMax how many members a conversation has at most
public record EpochRules(int membersMax) {

  /// What is wrong with a record whatever the conversation is; asked before anything is locked.
  static @Nullable Objection unfit(EpochPut put) {
    EpochStatement statement = put.epoch().record().statement();
    if (!statement.conversation().equals(put.conversation()) || !isBy(statement.rotator(), put.by())) {
      return Objection.of(Fault.WRONG_CONTEXT);
    }
    Fault fault = WrapRule.fault(put.epoch());
    return fault == null ? null : Objection.of(fault);
  }

  static boolean isBy(Signer signer, Author author) {
    return signer.uid().equals(author.uid()) && signer.device().equals(author.device());
  }

  /// The decision on a record. Asked under the lock of the conversation, with what was read under that lock.
  ///
  /// @param last the record of the current epoch
  EpochRuling decide(Conversation now, EpochRecord last, Holders holders, EpochPut put) {
    Encryption encryption = now.encryption();
    if (encryption == null) {
      return refused(Objection.of(Fault.WRONG_CONTEXT));
    }
    EpochRecord record = put.epoch().record();
    Member signer = now.roster().member(put.by().uid());
    if (signer == null) {
      return refused(Objection.of(ErrorCode.NOT_A_MEMBER));
    }
    // By the hash: another valid signature of the same bytes is the same record.
    if (record.hash().equals(encryption.epochHash())) {
      return new EpochRuling.Known();
    }
    Objection objection = unlessFollowing(now, signer, record);
    if (objection == null) {
      objection = unlessNewest(holders, record.statement().rotator());
    }
    if (objection == null && new EpochChain(encryption.genesis(), last).next(record,
        holders.records()) instanceof Reading.Unreadable<EpochChain>(Fault fault)) {
      objection = Objection.of(fault);
    }
    Turnover turnover = Turnover.of(now.roster(), record.statement());
    if (objection == null) {
      objection = unlessAgreed(now, last.statement(), turnover);
    }
    if (objection == null) {
      objection = unlessKeyed(now.roster(), holders, last.statement().roster(), record.statement());
    }
    if (objection == null) {
      objection = unlessLowered(last.statement().roster(), holders, record.statement());
    }
    if (objection == null) {
      objection = unlessEntitled(now, signer, turnover);
    }
    return objection == null
        ? new EpochRuling.Open(Rosters.after(now, record, turnover.after()),
            Rosters.changes(turnover, record.statement().rotator().uid()))
        : refused(objection);
  }

  private static @Nullable Objection unlessFollowing(Conversation now, Member signer, EpochRecord record) {
    EpochStatement next = record.statement();
    // Everybody in the last roster may begin anew once nobody is left who holds the key; the chain knows when.
    if (!signer.active() && next.reason() != EpochReason.RESTARTED) {
      return Objection.of(ErrorCode.MEMBER_PENDING);
    }
    boolean follows = now.encryption() != null && next.epoch().equals(now.epoch().next())
        && next.prev().equals(now.encryption().epochHash());
    return follows ? null : Objection.moved(now.epoch());
  }

  static @Nullable Objection unlessNewest(Holders holders, Signer signer) {
    AccountKey newest = holders.newest().get(signer.uid());
    return newest != null && newest.accountSeq() == signer.accountSeq()
        ? null
        : Objection.of(ErrorCode.STALE_KEYS, List.of(signer.uid()));
  }

  /// Whoever is a member has to be in the roster, and whoever was removed has to be missing from it. Who was in neither
  /// is a newcomer.
  private @Nullable Objection unlessAgreed(Conversation now, EpochStatement last, Turnover turnover) {
    List<Uid> strangers = turnover.turned().stream().filter(turned -> turned.was() == null)
        .map(turned -> turned.entry().uid()).toList();
    List<Uid> wrong = Stream
        .concat(turnover.missing().stream(), strangers.stream().filter(uid -> last.entry(uid).isPresent()))
        .sorted(Roster.ORDER).toList();
    if (!wrong.isEmpty()) {
      return Objection.of(ErrorCode.ROSTER_MISMATCH, wrong);
    }
    if (!strangers.isEmpty() && now.direct()) {
      return Objection.of(ErrorCode.NOT_ALLOWED);
    }
    return !strangers.isEmpty() && turnover.after().size() > membersMax ? Objection.of(ErrorCode.LIMIT_EXCEEDED) : null;
  }

  /// Whoever gets the key gets it for the newest account there is; who waits names that, the same as before, or none.
  static @Nullable Objection unlessKeyed(Roster before, Holders holders, List<RosterEntry> last, EpochStatement next) {
    List<RosterEntry> unsettled = next.roster().stream().filter(entry -> !holders.settled().contains(entry)).toList();
    if (unsettled.stream().map(RosterEntry::uid)
        .anyMatch(uid -> holders.barred().contains(uid) && !before.contains(uid))) {
      return Objection.of(ErrorCode.NOT_ALLOWED);
    }
    Map<Uid, RosterEntry> then = unsettled.isEmpty() ? Map.of() : byUid(last);
    List<Uid> stale = unsettled.stream().filter(entry -> {
      RosterEntry was = then.get(entry.uid());
      boolean waits = !entry.active()
          && (entry.account().equals(AccountKey.NONE) || (was != null && entry.account().equals(was.account())));
      return !waits && !entry.account().equals(holders.newest().get(entry.uid()));
    }).map(RosterEntry::uid).toList();
    return stale.isEmpty() ? null : Objection.of(ErrorCode.STALE_KEYS, stale);
  }

  /// Only who was reset loses the key and stays a member, and keeps the account that the others knew: so everybody sees
  /// that there was a reset, and can ask their user.
  private static @Nullable Objection unlessLowered(List<RosterEntry> last, Holders holders, EpochStatement next) {
    List<RosterEntry> waiting = next.roster().stream()
        .filter(entry -> !entry.active() && !holders.settled().contains(entry)).toList();
    Map<Uid, RosterEntry> then = waiting.isEmpty() ? Map.of() : byUid(last);
    boolean wrong = waiting.stream().anyMatch(entry -> {
      RosterEntry was = then.get(entry.uid());
      return was != null && was.active() && !(entry.account().equals(was.account()) && holders.wasReset(was));
    });
    return wrong ? Objection.of(Fault.RULE_BROKEN) : null;
  }

  private static @Nullable Objection unlessEntitled(Conversation now, Member signer, Turnover turnover) {
    for (Turnover.Turned turned : turnover.turned()) {
      RosterEntry entry = turned.entry();
      Member was = turned.was();
      boolean lowered = was != null && Rosters.isAdmin(was) && entry.role() == RosterRole.MEMBER;
      if (lowered && !signer.admin() && !entry.uid().equals(signer.uid())) {
        return Objection.of(ErrorCode.NOT_ALLOWED);
      }
    }
    boolean orphaned = now.roster().led() && !Rosters.led(now.roster(), turnover.after()) && !now.direct();
    return orphaned ? Objection.of(ErrorCode.LAST_ADMIN) : null;
  }

  private static Map<Uid, RosterEntry> byUid(List<RosterEntry> entries) {
    Map<Uid, RosterEntry> all = new HashMap<>();
    entries.forEach(entry -> all.put(entry.uid(), entry));
    return all;
  }

  static EpochRuling refused(Objection why) {
    return new EpochRuling.Refused(why);
  }
}
