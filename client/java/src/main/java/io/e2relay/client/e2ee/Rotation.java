// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.RefusedException;
import io.e2relay.client.crypto.MadeEpoch;
import io.e2relay.client.crypto.RosterMember;
import io.e2relay.client.crypto.SymmetricKey;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.verify.Accounts;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.PutEpoch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Opens a conversation's next epoch. Somebody else may be faster: then theirs is verified and taken, and what is left
/// of the wish is tried behind it.
final class Rotation {
  private final Station station;
  private final ConversationId id;
  private final EpochBook book;
  private final Keyring keyring;
  private final ReentrantLock lock = new ReentrantLock();

  Rotation(Station station, ConversationId id, EpochBook book, Keyring keyring) {
    this.station = station;
    this.id = id;
    this.book = book;
    this.keyring = keyring;
  }

  /// What an epoch is to bring, and when nothing is left to do: by the newest record, and by whether it is closed.
  record Wish(EpochReason reason, List<Uid> added, Map<Uid, RosterRole> roles,
      BiPredicate<EpochStatement, Boolean> done) {
    /// Opens the epoch that is closed.
    static Wish open() {
      return new Wish(EpochReason.BY_USER, List.of(), Map.of(), (_, closed) -> !closed);
    }

    /// Another key than that of this epoch.
    static Wish after(EpochReason reason, EpochRecord old) {
      return new Wish(reason, List.of(), Map.of(),
          (now, closed) -> !closed && now.epoch().value() > old.statement().epoch().value());
    }

    static Wish add(List<Uid> users) {
      return new Wish(EpochReason.ADDED, users, Map.of(),
          (now, _) -> users.stream().allMatch(uid -> now.entry(uid).isPresent()));
    }

    /// Gives those a key who wait for one in the signed roster and have an account, and nobody whom only the service
    /// names.
    static Wish activate(Collection<Uid> users, Accounts accounts) {
      return new Wish(EpochReason.ACTIVATED, List.of(), Map.of(), (now, _) -> users.stream().noneMatch(
          uid -> now.entry(uid).filter(entry -> !entry.active()).isPresent() && accounts.newest(uid).isPresent()));
    }

    static Wish role(Uid uid, RosterRole role) {
      return new Wish(EpochReason.ROLE_CHANGED, List.of(), Map.of(uid, role),
          (now, _) -> now.entry(uid).filter(entry -> entry.role() == role).isPresent());
    }
  }

  /// Tries until the wish has come true, by this device or by another.
  void rotate(Wish wish) {
    lock.lock();
    try {
      untilTrue(wish);
    } finally {
      lock.unlock();
    }
  }

  private void untilTrue(Wish wish) {
    Patience patience = new Patience();
    while (true) {
      Conversation shown = station.shown(id);
      if (shown.getEpoch() != book.epoch().value()) {
        book.refresh();
      }
      if (wish.done().test(book.current().statement(), shown.getClosed())) {
        return;
      }
      try {
        put(make(wish, shown));
        return;
      } catch (RefusedException e) {
        if (!refreshed(e) || !patience.again()) {
          throw e;
        }
      }
    }
  }

  private boolean refreshed(RefusedException refused) {
    if (refused.is(ErrorCode.EPOCH_MOVED)) {
      book.refresh();
      return true;
    }
    if (refused.is(ErrorCode.STALE_KEYS)) {
      station.contacts().look(refused.uids());
      return true;
    }
    return refused.is(ErrorCode.ROSTER_MISMATCH);
  }

  private void put(MadeEpoch made) {
    station.ask(ClientFrame.newBuilder().setPutEpoch(
        PutEpoch.newBuilder().setConversationId(id.bytes()).setRecord(made.record().bytes()).addAllWraps(wraps(made))));
    keyring.put(made.record().statement().epoch(), made.key());
    book.adopt(made.chain());
  }

  /// In the roster's order, for the active.
  static List<ByteString> wraps(MadeEpoch made) {
    return made.record().statement().roster().stream().filter(RosterEntry::active)
        .map(entry -> made.wrapFor(entry.uid())).toList();
  }

  private MadeEpoch make(Wish wish, Conversation shown) {
    EpochStatement last = book.current().statement();
    long nowMs = station.clock().millis();
    station.contacts().know(last.roster().stream().filter(RosterEntry::active)
        .collect(Collectors.toMap(RosterEntry::uid, entry -> entry.account().accountSeq())));
    List<Uid> without = last.roster().stream().filter(entry -> !entry.active()).map(RosterEntry::uid)
        .collect(Collectors.toCollection(ArrayList::new));
    without.addAll(wish.added());
    station.contacts().look(without);
    List<RosterMember> roster = roster(wish, last, shown);
    if (everybodyWasReset(last)) {
      return station.maker().restart(book.chain(), roster, nowMs);
    }
    confirm(last, roster);
    return station.maker().next(book.chain(), keyBefore(), reason(wish, last, roster), roster, nowMs);
  }

  /// Those of the last roster who are still members, and those who are to be added. Whom only the service calls a
  /// member is nobody's to add.
  private List<RosterMember> roster(Wish wish, EpochStatement last, Conversation shown) {
    Set<Uid> members = shown.getMembersList().stream().map(member -> new Uid(member.getUid()))
        .collect(Collectors.toSet());
    List<RosterMember> roster = new ArrayList<>();
    for (RosterEntry entry : last.roster()) {
      if (members.contains(entry.uid())) {
        RosterState state = entry.active() ? RosterState.ACTIVE : ready(entry.uid());
        roster.add(new RosterMember(entry.uid(), wish.roles().getOrDefault(entry.uid(), entry.role()), state));
      }
    }
    for (Uid uid : wish.added()) {
      if (last.entry(uid).isEmpty()) {
        roster.add(new RosterMember(uid, RosterRole.MEMBER, ready(uid)));
      }
    }
    return roster;
  }

  private RosterState ready(Uid uid) {
    return station.contacts().newest(uid).isPresent() ? RosterState.ACTIVE : RosterState.PENDING;
  }

  private boolean everybodyWasReset(EpochStatement last) {
    return last.roster().stream().filter(RosterEntry::active)
        .allMatch(entry -> station.contacts().isReset(entry.uid(), entry.account()));
  }

  private void confirm(EpochStatement last, List<RosterMember> roster) {
    RewrapPolicy policy = book.chain().genesis().statement().policy().rewrap();
    Map<Uid, RosterMember> next = roster.stream().collect(Collectors.toMap(RosterMember::uid, Function.identity()));
    for (RosterEntry entry : last.roster()) {
      if (entry.active() && next.containsKey(entry.uid())
          && station.contacts().mustConfirm(entry.uid(), entry.account(), policy)) {
        Alarm alarm = new Alarm.ConfirmationNeeded(id, entry.uid());
        station.alarms().raise(alarm);
        throw new BlockedException(alarm);
      }
    }
  }

  /// Where newcomers read nothing from before, the record does not lead back, and any key will do.
  private SymmetricKey keyBefore() {
    if (!book.fullHistory()) {
      return SymmetricKey.generate();
    }
    return keyring.required(book.epoch());
  }

  /// Where an epoch is opened because it was closed, what changes says why.
  private EpochReason reason(Wish wish, EpochStatement last, List<RosterMember> roster) {
    if (wish.reason() != EpochReason.BY_USER) {
      return wish.reason();
    }
    if (roster.size() < last.roster().size()) {
      return EpochReason.REMOVED;
    }
    boolean turned = last.roster().stream().filter(RosterEntry::active).anyMatch(entry -> station.contacts()
        .newest(entry.uid()).filter(now -> now.statement().aekGen() > entry.account().aekGen()).isPresent());
    return turned ? EpochReason.DEVICE_REVOKED : EpochReason.BY_USER;
  }
}
