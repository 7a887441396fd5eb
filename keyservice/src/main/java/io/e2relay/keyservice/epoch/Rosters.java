// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import io.e2relay.keyservice.membership.Change;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Encryption;
import io.e2relay.keyservice.membership.KeyGeneration;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Phase;
import io.e2relay.keyservice.membership.Roster;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.wire.ChangeKind;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The rosters of records as the members of conversations, and what is different in them.
final class Rosters {
  private Rosters() {
  }

  static Member member(RosterEntry entry) {
    return new Member(entry.uid(), entry.role() == RosterRole.ADMIN ? Role.ROLE_ADMIN : Role.ROLE_MEMBER,
        entry.active() ? MemberState.MEMBER_STATE_ACTIVE : MemberState.MEMBER_STATE_PENDING,
        new KeyGeneration(entry.account().accountSeq(), entry.account().aekGen()));
  }

  /// Whether the entry says of somebody what is so already.
  static boolean isSame(Member member, RosterEntry entry) {
    KeyGeneration key = member.key();
    return isAdmin(member) == (entry.role() == RosterRole.ADMIN) && member.active() == entry.active() && key != null
        && key.accountSeq() == entry.account().accountSeq() && key.aekGen() == entry.account().aekGen();
  }

  static Roster roster(EpochStatement statement) {
    return new Roster(statement.roster().stream().map(Rosters::member).toList());
  }

  static boolean isAdmin(Member member) {
    return member.role() == Role.ROLE_ADMIN;
  }

  /// Whether there is an admin who can act as one, or could before a reset left them waiting.
  static boolean led(Roster now, Roster after) {
    return after.members().stream().filter(Rosters::isAdmin).anyMatch(member -> {
      Member was = now.member(member.uid());
      return member.active() || (was != null && was.admin());
    });
  }

  /// The conversation in the epoch that the record opens.
  ///
  /// @param roster of that epoch
  static Conversation after(Conversation now, EpochRecord record, Roster roster) {
    Encryption encryption = Objects.requireNonNull(now.encryption(), "only encrypted conversations have records");
    return new Conversation(now.id(), now.tenant(), now.level(), now.history(), record.statement().epoch(), roster,
        now.linkSecret(), Phase.OPEN, new Encryption(encryption.genesis(), record.hash()));
  }

  /// What the record changes about the members; where that is nothing, it made a new key.
  static List<Change> changes(Turnover turnover, Uid by) {
    List<Change> changes = new ArrayList<>();
    for (Turnover.Turned turned : turnover.turned()) {
      RosterEntry entry = turned.entry();
      Member was = turned.was();
      if (was == null) {
        changes.add(added(entry, by));
        continue;
      }
      Member is = member(entry);
      if (is.active() && !was.active()) {
        changes.add(new Change(ChangeKind.CHANGE_KIND_ACTIVATED, entry.uid(), by));
      }
      if (is.role() != was.role()) {
        changes.add(new Change(ChangeKind.CHANGE_KIND_ROLE_CHANGED, entry.uid(), by));
      }
    }
    if (changes.isEmpty()) {
      changes.add(new Change(ChangeKind.CHANGE_KIND_ROTATED, by, by));
    }
    return changes;
  }

  /// The members with whom a conversation begins.
  static List<Change> beginning(EpochStatement first) {
    Uid creator = first.rotator().uid();
    List<Change> changes = new ArrayList<>();
    changes.add(new Change(ChangeKind.CHANGE_KIND_CREATED, creator, creator));
    first.roster().stream().filter(entry -> !entry.uid().equals(creator))
        .forEach(entry -> changes.add(added(entry, creator)));
    return changes;
  }

  private static Change added(RosterEntry entry, Uid by) {
    return new Change(entry.active() ? ChangeKind.CHANGE_KIND_ADDED : ChangeKind.CHANGE_KIND_ADDED_PENDING, entry.uid(),
        by);
  }
}
