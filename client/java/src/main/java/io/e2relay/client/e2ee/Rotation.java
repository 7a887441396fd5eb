// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.RefusedException;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.MadeEpoch;
import io.e2relay.client.crypto.RosterMember;
import io.e2relay.client.crypto.SymmetricKey;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.verify.EpochChain;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.PutEpoch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;

/// Opens a conversation's next epoch. Somebody else may be faster: then theirs is verified and taken, and what is left
/// of the wish is tried behind it.
final class Rotation {
  private final Station station;
  private final ConversationId id;
  private final EpochBook book;
  private final Keyring keyring;
  private final ReentrantLock lock = new ReentrantLock();
  // The epoch of which everybody who reads it was looked at.
  private final AtomicReference<EpochRecord> confirmed = new AtomicReference<>();
  // The epoch of which everybody who lost the key was looked at.
  private final AtomicReference<EpochRecord> looked = new AtomicReference<>();

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

    static Wish role(Uid uid, RosterRole role) {
      return new Wish(EpochReason.ROLE_CHANGED, List.of(), Map.of(uid, role),
          (now, _) -> now.entry(uid).filter(entry -> entry.role() == role).isPresent());
    }
  }

  /// Gives those a key who wait for one in the signed roster, have an account and need not be confirmed first, and
  /// nobody whom only the service names.
  void activate(Collection<Uid> users) {
    rotate(new Wish(EpochReason.ACTIVATED, List.of(), Map.of(), (now, _) -> users.stream()
        .flatMap(uid -> now.entry(uid).stream()).filter(entry -> !entry.active()).noneMatch(this::isReady)));
  }

  /// Those who had a key, lost it by a reset, and may have one again. Whoever did not open this epoch has perhaps never
  /// looked at them before.
  List<Uid> returning() {
    EpochRecord current = book.current();
    if (!isIn(current.statement())) {
      return List.of();
    }
    List<RosterEntry> lowered = current.statement().roster().stream()
        .filter(entry -> !entry.active() && !entry.account().equals(AccountKey.NONE)).toList();
    if (!current.equals(looked.get())) {
      station.contacts().look(lowered.stream().map(RosterEntry::uid).toList());
      looked.set(current);
    }
    return lowered.stream().filter(this::isReady).map(RosterEntry::uid).toList();
  }

  /// Whether nobody who was given the key has it any more, so that the conversation can only begin anew. Only who lost
  /// it, or never had it, looks at the others for that.
  void beginAnewIfNobodyIsLeft() {
    if (!isIn(book.current().statement())) {
      // Somebody may have let this user in, or begun anew, before.
      book.refresh();
      EpochRecord current = book.current();
      if (isNobodyLeft(current.statement())) {
        rotate(Wish.after(EpochReason.RESTARTED, current));
      }
    }
  }

  private boolean isNobodyLeft(EpochStatement last) {
    if (isIn(last)) {
      return false;
    }
    List<RosterEntry> active = last.roster().stream().filter(RosterEntry::active).toList();
    station.contacts().look(active.stream().map(RosterEntry::uid).toList());
    return active.stream().allMatch(this::isReset);
  }

  /// Throws if people have to say first that somebody who reads what is sent in this epoch is still who they were.
  void requireConfirmed(EpochRecord epoch) {
    if (!epoch.equals(confirmed.get())) {
      station.contacts().unconfirmed(epoch.statement().roster().stream().filter(RosterEntry::active).toList()).stream()
          .findFirst().ifPresent(uid -> {
            station.alarms().raise(new Alarm.ConfirmationNeeded(id, uid));
            throw unconfirmed(uid);
          });
      confirmed.set(epoch);
    }
  }

  /// Throws if people have to say first that this member is still who they were.
  void requireConfirmed(Uid uid) {
    book.entry(uid).filter(entry -> !isReady(entry)).ifPresent(_ -> {
      throw unconfirmed(uid);
    });
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
      book.compare(shown);
      if (wish.done().test(book.current().statement(), shown.getClosed())) {
        return;
      }
      // Others may open the next epoch at any moment: what is made follows what was looked at.
      EpochChain from = book.chain();
      EpochStatement last = from.last().statement();
      MadeEpoch made = make(wish, shown, from);
      if (!isAsDecided(made, last)) {
        continue;
      }
      try {
        put(made);
        return;
      } catch (RefusedException e) {
        // Of a reset that only this device is shown, the record is not taken either.
        lowered(last, roster(made)).filter(_ -> e.is(ErrorCode.RECORD_REFUSED)).ifPresent(uid -> {
          throw unconfirmed(uid);
        });
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

  private MadeEpoch make(Wish wish, Conversation shown, EpochChain from) {
    EpochStatement last = from.last().statement();
    long nowMs = station.clock().millis();
    station.contacts().know(last.roster().stream().filter(RosterEntry::active)
        .collect(Collectors.toMap(RosterEntry::uid, entry -> entry.account().accountSeq())));
    List<Uid> without = last.roster().stream().filter(entry -> !entry.active()).map(RosterEntry::uid)
        .collect(Collectors.toCollection(ArrayList::new));
    without.addAll(wish.added());
    station.contacts().look(without);
    List<RosterMember> roster = roster(wish, last, shown);
    if (isNobodyLeft(last)) {
      lowered(last, roster).ifPresent(uid -> {
        throw unconfirmed(uid);
      });
      return station.maker().restart(from, roster, nowMs);
    }
    if (!isIn(last)) {
      // If it is the own account that is in doubt, that is what the user has to know of.
      DeviceKeys _ = station.own().keys();
      throw new BlockedException(new Alarm.KeyMissing(id, last.epoch()));
    }
    return station.maker().next(from, keyBefore(last.epoch()), reason(wish, last, roster), roster, nowMs);
  }

  /// Those of the last roster who are still members, and those who are to be added. Whoever people have to confirm
  /// first waits until they have, and the others go on. Whom only the service calls a member is nobody's to add.
  private List<RosterMember> roster(Wish wish, EpochStatement last, Conversation shown) {
    Set<Uid> members = shown.getMembersList().stream().map(member -> new Uid(member.getUid()))
        .collect(Collectors.toSet());
    List<RosterMember> roster = new ArrayList<>();
    for (RosterEntry entry : last.roster()) {
      if (members.contains(entry.uid())) {
        RosterState state = isReady(entry) ? RosterState.ACTIVE : RosterState.PENDING;
        roster.add(new RosterMember(entry.uid(), wish.roles().getOrDefault(entry.uid(), entry.role()), state));
      }
    }
    for (Uid uid : wish.added()) {
      if (last.entry(uid).isEmpty()) {
        RosterState state = isKnown(uid) ? RosterState.ACTIVE : RosterState.PENDING;
        roster.add(new RosterMember(uid, RosterRole.MEMBER, state));
      }
    }
    return roster;
  }

  private boolean isKnown(Uid uid) {
    return station.contacts().newest(uid).isPresent();
  }

  /// Whether somebody of a roster may have the next key. If people have to say so, they are asked: also where the
  /// policy does not want it, when some member made them wait.
  private boolean isReady(RosterEntry entry) {
    RewrapPolicy policy = entry.active() ? book.chain().genesis().statement().policy().rewrap() : RewrapPolicy.CONFIRM;
    if (station.contacts().mustConfirm(entry.uid(), entry.account(), policy)) {
      station.alarms().raise(new Alarm.ConfirmationNeeded(id, entry.uid()));
      return false;
    }
    return entry.active() || isKnown(entry.uid());
  }

  /// Whether nobody turned out to have been reset while the record was made: it is for their newest accounts.
  private boolean isAsDecided(MadeEpoch made, EpochStatement last) {
    return made.record().statement().roster().stream().filter(RosterEntry::active)
        .flatMap(entry -> last.entry(entry.uid()).stream()).allMatch(this::isReady);
  }

  /// Whether this user was given that epoch's key, and has not lost it by a reset.
  private boolean isIn(EpochStatement epoch) {
    return epoch.entry(station.own().uid()).filter(mine -> mine.active() && !isReset(mine)).isPresent();
  }

  private boolean isReset(RosterEntry entry) {
    return station.contacts().isReset(entry.uid(), entry.account());
  }

  private static List<RosterMember> roster(MadeEpoch made) {
    return made.record().statement().roster().stream()
        .map(entry -> new RosterMember(entry.uid(), entry.role(), entry.state())).toList();
  }

  /// Somebody who had the last key and is to have none, because people have not confirmed them.
  private static Optional<Uid> lowered(EpochStatement last, List<RosterMember> next) {
    return next.stream().filter(member -> member.state() == RosterState.PENDING).map(RosterMember::uid)
        .filter(uid -> last.entry(uid).filter(RosterEntry::active).isPresent()).findFirst();
  }

  private BlockedException unconfirmed(Uid uid) {
    return new BlockedException(new Alarm.ConfirmationNeeded(id, uid));
  }

  /// Where newcomers read nothing from before, the record does not lead back, and any key will do.
  private SymmetricKey keyBefore(Epoch last) {
    if (!book.fullHistory()) {
      return SymmetricKey.generate();
    }
    return keyring.required(last);
  }

  /// Where an epoch is opened because it was closed, what changes says why.
  private EpochReason reason(Wish wish, EpochStatement last, List<RosterMember> roster) {
    if (wish.reason() != EpochReason.BY_USER && wish.reason() != EpochReason.RESTARTED) {
      return wish.reason();
    }
    if (roster.size() < last.roster().size()) {
      return EpochReason.REMOVED;
    }
    if (last.roster().stream().filter(RosterEntry::active).anyMatch(this::isReset)) {
      return EpochReason.RESET;
    }
    boolean turned = last.roster().stream().filter(RosterEntry::active).anyMatch(entry -> station.contacts()
        .newest(entry.uid()).filter(now -> now.statement().aekGen() > entry.account().aekGen()).isPresent());
    return turned ? EpochReason.DEVICE_REVOKED : EpochReason.BY_USER;
  }
}
