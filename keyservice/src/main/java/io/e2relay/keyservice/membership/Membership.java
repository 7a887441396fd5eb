// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.ChangeKind;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.Role;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The rules for who gets into a conversation, and who gets out.
///
/// In open conversations every change of members begins an epoch, so that the roster of an epoch never changes; no
/// change begins none. In encrypted ones an epoch begins with a signed record, and a removal closes the current one.
///
/// @param membersMax how many members a conversation has at most
public record Membership(int membersMax) {
  private static final Decision NOT_A_MEMBER = new Decision.Refused(ErrorCode.NOT_A_MEMBER);
  private static final Decision UPGRADED = new Decision.Refused(ErrorCode.UPGRADED);
  private static final Decision UNCHANGED = new Decision.Unchanged();

  /// The decision on a new conversation.
  public Decision create(Creation wish) {
    if (wish.terms().level() != TrustLevel.TRUST_LEVEL_OPEN) {
      return new Decision.Refused(ErrorCode.UNSUPPORTED);
    }
    Uid creator = wish.creator();
    List<Member> members = new ArrayList<>();
    List<Change> changes = new ArrayList<>();
    members.add(active(creator, Role.ROLE_ADMIN));
    changes.add(new Change(ChangeKind.CHANGE_KIND_CREATED, creator, creator));
    for (Uid uid : sorted(wish.others(), uid -> !uid.equals(creator))) {
      members.add(active(uid, Role.ROLE_MEMBER));
      changes.add(new Change(ChangeKind.CHANGE_KIND_ADDED, uid, creator));
    }
    if (members.size() > membersMax) {
      return new Decision.Refused(ErrorCode.LIMIT_EXCEEDED);
    }
    Creation.Terms terms = wish.terms();
    return new Decision.Changed(new Conversation(wish.id(), terms.tenant(), terms.level(), terms.history(), Epoch.FIRST,
        new Roster(members), wish.linkSecret(), Phase.OPEN, null), true, List.copyOf(changes));
  }

  /// The decision on a change. Asked under the lock of the conversation, with its roster as read under that lock.
  public Decision decide(Conversation now, Request request) {
    if (lacksDevice(now, request)) {
      return new Decision.Refused(ErrorCode.DEVICE_UNPROVEN);
    }
    return switch (request) {
      case Request.Add add -> add(now, add);
      case Request.Remove remove -> remove(now, remove);
      case Request.Leave leave ->
        now.roster().contains(leave.by()) ? end(now, Set.of(leave.by()), leave.by()) : NOT_A_MEMBER;
      case Request.Join join -> join(now, join);
    };
  }

  /// Whether an active member of an encrypted conversation shows no more than a token. Who waits for a key may have no
  /// account yet to prove, and can do nothing but leave.
  private static boolean lacksDevice(Conversation now, Request request) {
    Member by = now.roster().member(request.by());
    return now.encryption() != null && by != null && by.active() && switch (request) {
      case Request.Add add -> add.proof() == Proof.TOKEN;
      case Request.Remove remove -> remove.proof() == Proof.TOKEN;
      case Request.Leave leave -> leave.proof() == Proof.TOKEN;
      case Request.Join _ -> false;
    };
  }

  private Decision add(Conversation now, Request.Add request) {
    Decision refusal = unlessActive(now.roster().member(request.by()));
    if (refusal != null) {
      return refusal;
    }
    if (now.encryption() != null) {
      return new Decision.Refused(ErrorCode.RECORD_REQUIRED);
    }
    return begin(now, sorted(request.uids(), uid -> !now.roster().contains(uid)), ChangeKind.CHANGE_KIND_ADDED,
        request.by());
  }

  private Decision join(Conversation now, Request.Join request) {
    boolean inside = now.roster().contains(request.by());
    if (!new Door(now.tenant(), now.linkSecret().isEmpty() ? null : now.linkSecret(), inside).opensTo(request)) {
      return NOT_A_MEMBER;
    }
    return begin(now, inside ? Set.of() : Set.of(request.by()), ChangeKind.CHANGE_KIND_JOINED, request.by());
  }

  private Decision begin(Conversation now, Set<Uid> newcomers, ChangeKind kind, Uid by) {
    if (now.phase().successor() != null) {
      return UPGRADED;
    }
    if (newcomers.isEmpty()) {
      return UNCHANGED;
    }
    if (now.roster().size() + newcomers.size() > membersMax) {
      return new Decision.Refused(ErrorCode.LIMIT_EXCEEDED);
    }
    Roster after = now.roster().with(newcomers.stream().map(uid -> active(uid, Role.ROLE_MEMBER)).toList());
    return changed(now, after, newcomers.stream().map(uid -> new Change(kind, uid, by)));
  }

  private Decision remove(Conversation now, Request.Remove request) {
    Member by = now.roster().member(request.by());
    Set<Uid> leaving = sorted(request.uids(), now.roster()::contains);
    if (by != null && leaving.equals(Set.of(request.by()))) {
      return end(now, leaving, request.by());
    }
    Decision refusal = unlessActive(by);
    if (refusal != null) {
      return refusal;
    }
    if (by != null && !by.admin()) {
      return new Decision.Refused(ErrorCode.NOT_ALLOWED);
    }
    if (now.phase().successor() != null) {
      return UPGRADED;
    }
    if (leaving.isEmpty()) {
      return UNCHANGED;
    }
    // The removed know the old secret. Where joining by link is off it stays off.
    boolean renew = !now.linkSecret().isEmpty();
    return end(renew ? now.withLinkSecret(request.newSecret()) : now, leaving, request.by());
  }

  private static Decision end(Conversation now, Set<Uid> leaving, Uid by) {
    Roster left = now.roster().without(leaving);
    Stream<Change> changes = leaving.stream()
        .map(uid -> new Change(uid.equals(by) ? ChangeKind.CHANGE_KIND_LEFT : ChangeKind.CHANGE_KIND_REMOVED, uid, by));
    if (now.encryption() == null) {
      return changed(now, led(left), changes);
    }
    // Nobody is made an admin but by a signed record.
    boolean orphaned = left.size() > 0 && now.roster().led() && !left.led() && !now.direct();
    return orphaned
        ? new Decision.Refused(ErrorCode.LAST_ADMIN)
        // Who is gone knows the key: nothing more is said under it.
        : new Decision.Changed(now.in(Phase.CLOSED, left), false, changes.toList());
  }

  /// A conversation with members has an admin: without one the member with the lowest uid becomes it.
  private static Roster led(Roster roster) {
    if (roster.led()) {
      return roster;
    }
    return roster.with(roster.members().stream().filter(Member::active).limit(1)
        .map(member -> active(member.uid(), Role.ROLE_ADMIN)).toList());
  }

  private static Decision changed(Conversation now, Roster after, Stream<Change> changes) {
    return new Decision.Changed(now.at(now.epoch().next(), after), !now.phase().closed(), changes.toList());
  }

  private static @Nullable Decision unlessActive(@Nullable Member member) {
    if (member == null) {
      return NOT_A_MEMBER;
    }
    return member.active() ? null : new Decision.Refused(ErrorCode.MEMBER_PENDING);
  }

  private static Member active(Uid uid, Role role) {
    return new Member(uid, role, MemberState.MEMBER_STATE_ACTIVE);
  }

  private static Set<Uid> sorted(Set<Uid> uids, Predicate<Uid> wanted) {
    Set<Uid> set = new TreeSet<>(Roster.ORDER);
    uids.stream().filter(wanted).forEach(set::add);
    return set;
  }
}
