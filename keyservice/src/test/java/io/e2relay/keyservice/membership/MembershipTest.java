// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import static io.e2relay.keyservice.membership.Named.OTHER_TENANT;
import static io.e2relay.keyservice.membership.Named.TENANT;
import static io.e2relay.keyservice.membership.Named.secret;
import static io.e2relay.keyservice.membership.Named.user;
import static io.e2relay.protocol.wire.ChangeKind.CHANGE_KIND_ADDED;
import static io.e2relay.protocol.wire.ChangeKind.CHANGE_KIND_CREATED;
import static io.e2relay.protocol.wire.ChangeKind.CHANGE_KIND_JOINED;
import static io.e2relay.protocol.wire.ChangeKind.CHANGE_KIND_LEFT;
import static io.e2relay.protocol.wire.ChangeKind.CHANGE_KIND_REMOVED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.Role;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class MembershipTest {
  private static final Membership RULES = new Membership(5);
  private static final Uid ADMIN = user(10);
  private static final Uid MEMBER = user(20);
  private static final Uid PENDING = user(30);
  private static final Uid STRANGER = user(40);
  private static final ByteString SECRET = secret(1);
  private static final ByteString NEW_SECRET = secret(2);
  private static final Epoch EPOCH = new Epoch(7);

  /// A request, and the code it is refused with.
  record Refusal(String name, Request request, ErrorCode code) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Refusal> refusals() {
    return Stream.of(
        new Refusal("a stranger adds", new Request.Add(STRANGER, Set.of(STRANGER), Proof.TOKEN),
            ErrorCode.NOT_A_MEMBER),
        new Refusal("a stranger adds nobody", new Request.Add(STRANGER, Set.of(), Proof.TOKEN), ErrorCode.NOT_A_MEMBER),
        new Refusal("a pending member adds", new Request.Add(PENDING, Set.of(user(50)), Proof.TOKEN),
            ErrorCode.MEMBER_PENDING),
        new Refusal("too many", new Request.Add(MEMBER, Set.of(user(50), user(51), user(52)), Proof.TOKEN),
            ErrorCode.LIMIT_EXCEEDED),
        new Refusal("a stranger removes", remove(STRANGER, MEMBER), ErrorCode.NOT_A_MEMBER),
        new Refusal("a stranger removes themselves", remove(STRANGER, STRANGER), ErrorCode.NOT_A_MEMBER),
        new Refusal("a member removes another", remove(MEMBER, ADMIN), ErrorCode.NOT_ALLOWED),
        new Refusal("a member removes themselves and another", remove(MEMBER, MEMBER, ADMIN), ErrorCode.NOT_ALLOWED),
        new Refusal("a member removes a stranger", remove(MEMBER, STRANGER), ErrorCode.NOT_ALLOWED),
        new Refusal("a pending member removes", remove(PENDING, MEMBER), ErrorCode.MEMBER_PENDING),
        new Refusal("a stranger leaves", new Request.Leave(STRANGER, Proof.TOKEN), ErrorCode.NOT_A_MEMBER),
        new Refusal("the wrong secret", join(STRANGER, TENANT, secret(9)), ErrorCode.NOT_A_MEMBER),
        new Refusal("no secret", join(STRANGER, TENANT, ByteString.EMPTY), ErrorCode.NOT_A_MEMBER),
        new Refusal("another tenant", join(STRANGER, OTHER_TENANT, SECRET), ErrorCode.NOT_A_MEMBER));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void is_refused(Refusal row) {
    assertEquals(new Decision.Refused(row.code()), RULES.decide(conversation(SECRET), row.request()));
  }

  @Test
  void adding_members_begins_an_epoch_and_says_who_added_them() {
    Decision.Changed changed = changed(conversation(SECRET),
        new Request.Add(MEMBER, Set.of(user(50), user(5), ADMIN), Proof.TOKEN));
    assertEquals(EPOCH.next(), changed.after().epoch());
    assertTrue(changed.open());
    assertEquals(
        List.of(new Change(CHANGE_KIND_ADDED, user(5), MEMBER), new Change(CHANGE_KIND_ADDED, user(50), MEMBER)),
        changed.changes());
    assertEquals(List.of(user(5), ADMIN, MEMBER, PENDING, user(50)), uids(changed.after()));
    assertEquals(new Member(user(5), Role.ROLE_MEMBER, MemberState.MEMBER_STATE_ACTIVE),
        changed.after().roster().member(user(5)));
    assertEquals(SECRET, changed.after().linkSecret());
  }

  @Test
  void adding_who_is_a_member_already_changes_nothing() {
    assertEquals(new Decision.Unchanged(),
        RULES.decide(conversation(SECRET), new Request.Add(MEMBER, Set.of(ADMIN, MEMBER, PENDING), Proof.TOKEN)));
    assertEquals(new Decision.Unchanged(),
        RULES.decide(conversation(SECRET), new Request.Add(MEMBER, Set.of(), Proof.TOKEN)));
  }

  @Test
  void the_limit_counts_members_and_not_names() {
    Conversation full = changed(conversation(SECRET), new Request.Add(ADMIN, Set.of(user(50), user(51)), Proof.TOKEN))
        .after();
    assertEquals(5, full.roster().size());
    assertEquals(new Decision.Refused(ErrorCode.LIMIT_EXCEEDED),
        RULES.decide(full, new Request.Add(ADMIN, Set.of(user(52)), Proof.TOKEN)));
    assertEquals(new Decision.Refused(ErrorCode.LIMIT_EXCEEDED), RULES.decide(full, join(user(52), TENANT, SECRET)));
    assertEquals(new Decision.Unchanged(), RULES.decide(full, new Request.Add(ADMIN, Set.of(user(50)), Proof.TOKEN)));
  }

  @Test
  void removing_by_an_admin_ends_memberships_and_renews_the_link() {
    Decision.Changed changed = changed(conversation(SECRET), remove(ADMIN, MEMBER, STRANGER));
    assertEquals(List.of(new Change(CHANGE_KIND_REMOVED, MEMBER, ADMIN)), changed.changes());
    assertEquals(List.of(ADMIN, PENDING), uids(changed.after()));
    assertEquals(EPOCH.next(), changed.after().epoch());
    assertEquals(NEW_SECRET, changed.after().linkSecret());
  }

  @Test
  void removing_makes_no_link_where_there_was_none() {
    assertEquals(ByteString.EMPTY, changed(conversation(ByteString.EMPTY), remove(ADMIN, MEMBER)).after().linkSecret());
  }

  @Test
  void removing_a_stranger_changes_nothing() {
    assertEquals(new Decision.Unchanged(), RULES.decide(conversation(SECRET), remove(ADMIN, STRANGER)));
    assertEquals(new Decision.Unchanged(), RULES.decide(conversation(SECRET), remove(ADMIN)));
  }

  @Test
  void removing_oneself_is_leaving() {
    for (Request request : List.of(remove(MEMBER, MEMBER), remove(MEMBER, MEMBER, STRANGER),
        new Request.Leave(MEMBER, Proof.TOKEN))) {
      Decision.Changed changed = changed(conversation(SECRET), request);
      assertEquals(List.of(new Change(CHANGE_KIND_LEFT, MEMBER, MEMBER)), changed.changes());
      assertEquals(SECRET, changed.after().linkSecret());
    }
  }

  @Test
  void an_admin_can_remove_others_and_leave_at_once() {
    Decision.Changed changed = changed(conversation(SECRET), remove(ADMIN, ADMIN, MEMBER));
    assertEquals(List.of(new Change(CHANGE_KIND_LEFT, ADMIN, ADMIN), new Change(CHANGE_KIND_REMOVED, MEMBER, ADMIN)),
        changed.changes());
    assertEquals(NEW_SECRET, changed.after().linkSecret());
  }

  @Test
  void a_pending_member_can_leave() {
    assertEquals(List.of(new Change(CHANGE_KIND_LEFT, PENDING, PENDING)),
        changed(conversation(SECRET), new Request.Leave(PENDING, Proof.TOKEN)).changes());
  }

  @Test
  void when_the_last_admin_leaves_the_active_member_with_the_lowest_uid_becomes_admin() {
    Conversation before = conversation(SECRET, List.of(member(ADMIN, Role.ROLE_ADMIN), pending(user(1)),
        member(user(200), Role.ROLE_MEMBER), member(user(100), Role.ROLE_MEMBER)));
    Conversation after = changed(before, new Request.Leave(ADMIN, Proof.TOKEN)).after();
    assertEquals(List.of(pending(user(1)), member(user(100), Role.ROLE_ADMIN), member(user(200), Role.ROLE_MEMBER)),
        after.roster().members());
  }

  @Test
  void nobody_is_promoted_while_an_admin_stays() {
    Conversation before = conversation(SECRET,
        List.of(member(ADMIN, Role.ROLE_ADMIN), member(user(1), Role.ROLE_MEMBER), member(user(50), Role.ROLE_ADMIN)));
    Conversation after = changed(before, new Request.Leave(ADMIN, Proof.TOKEN)).after();
    assertEquals(List.of(member(user(1), Role.ROLE_MEMBER), member(user(50), Role.ROLE_ADMIN)),
        after.roster().members());
  }

  @Test
  void the_last_member_can_leave() {
    Conversation before = conversation(SECRET, List.of(member(ADMIN, Role.ROLE_ADMIN)));
    assertEquals(List.of(), changed(before, new Request.Leave(ADMIN, Proof.TOKEN)).after().roster().members());
  }

  @Test
  void who_knows_the_link_joins() {
    Decision.Changed changed = changed(conversation(SECRET), join(STRANGER, TENANT, SECRET));
    assertEquals(List.of(new Change(CHANGE_KIND_JOINED, STRANGER, STRANGER)), changed.changes());
    assertEquals(EPOCH.next(), changed.after().epoch());
  }

  @Test
  void nobody_joins_where_joining_is_off() {
    for (ByteString offered : List.of(ByteString.EMPTY, SECRET, secret(0))) {
      assertEquals(new Decision.Refused(ErrorCode.NOT_A_MEMBER),
          RULES.decide(conversation(ByteString.EMPTY), join(STRANGER, TENANT, offered)));
    }
  }

  @Test
  void joining_again_changes_nothing_whatever_the_secret() {
    assertEquals(new Decision.Unchanged(), RULES.decide(conversation(SECRET), join(MEMBER, TENANT, SECRET)));
    assertEquals(new Decision.Unchanged(), RULES.decide(conversation(SECRET), join(MEMBER, TENANT, secret(9))));
  }

  @Test
  void the_creator_is_the_admin_of_epoch_one() {
    Decision.Changed changed = assertInstanceOf(Decision.Changed.class,
        RULES.create(wish(TrustLevel.TRUST_LEVEL_OPEN, Set.of(user(3), ADMIN, user(2)))));
    assertEquals(Epoch.FIRST, changed.after().epoch());
    assertEquals(List.of(new Change(CHANGE_KIND_CREATED, ADMIN, ADMIN), new Change(CHANGE_KIND_ADDED, user(2), ADMIN),
        new Change(CHANGE_KIND_ADDED, user(3), ADMIN)), changed.changes());
    assertEquals(
        List.of(member(user(2), Role.ROLE_MEMBER), member(user(3), Role.ROLE_MEMBER), member(ADMIN, Role.ROLE_ADMIN)),
        changed.after().roster().members());
  }

  @Test
  void a_conversation_begins_with_as_many_members_as_the_limit_and_not_one_more() {
    Set<Uid> four = IntStream.range(50, 54).mapToObj(Named::user).collect(Collectors.toSet());
    Set<Uid> five = IntStream.range(50, 55).mapToObj(Named::user).collect(Collectors.toSet());
    assertInstanceOf(Decision.Changed.class, RULES.create(wish(TrustLevel.TRUST_LEVEL_OPEN, four)));
    assertEquals(new Decision.Refused(ErrorCode.LIMIT_EXCEEDED), RULES.create(wish(TrustLevel.TRUST_LEVEL_OPEN, five)));
  }

  @Test
  void only_open_conversations_are_made() {
    for (TrustLevel level : TrustLevel.values()) {
      Decision decision = RULES.create(wish(level, Set.of()));
      if (level == TrustLevel.TRUST_LEVEL_OPEN) {
        assertInstanceOf(Decision.Changed.class, decision);
      } else {
        assertEquals(new Decision.Refused(ErrorCode.UNSUPPORTED), decision);
      }
    }
  }

  @Test
  void the_content_hash_sees_what_is_asked_for_and_not_how() {
    Creation wish = wish(TrustLevel.TRUST_LEVEL_OPEN, Set.of(user(3), user(2)));
    assertEquals(wish.contentHash(), wish(TrustLevel.TRUST_LEVEL_OPEN, Set.of(user(2), user(3), ADMIN)).contentHash());
    Creation again = new Creation(Named.conversation(2), wish.terms(), ADMIN, wish.others(), secret(8), secret(9));
    assertEquals(wish.contentHash(), again.contentHash());
    Creation noLink = new Creation(wish.id(), wish.terms(), ADMIN, wish.others(), secret(8), ByteString.EMPTY);
    assertNotEquals(wish.contentHash(), noLink.contentHash());
    assertNotEquals(wish.contentHash(), wish(TrustLevel.TRUST_LEVEL_OPEN, Set.of(user(3))).contentHash());
    Creation.Terms fromJoin = new Creation.Terms(TENANT, TrustLevel.TRUST_LEVEL_OPEN, History.HISTORY_FROM_JOIN);
    assertNotEquals(wish.contentHash(),
        new Creation(wish.id(), fromJoin, ADMIN, wish.others(), secret(8), SECRET).contentHash());
  }

  private static Creation wish(TrustLevel level, Set<Uid> others) {
    return new Creation(Named.conversation(1), new Creation.Terms(TENANT, level, History.HISTORY_FULL), ADMIN, others,
        secret(8), SECRET);
  }

  private static Request remove(Uid by, Uid... uids) {
    return new Request.Remove(by, Set.of(uids), NEW_SECRET, Proof.TOKEN);
  }

  private static Request join(Uid by, TenantId tenant, ByteString offered) {
    return new Request.Join(by, tenant, offered);
  }

  private static Decision.Changed changed(Conversation now, Request request) {
    return assertInstanceOf(Decision.Changed.class, RULES.decide(now, request));
  }

  private static List<Uid> uids(Conversation conversation) {
    return conversation.roster().members().stream().map(Member::uid).toList();
  }

  private static Member member(Uid uid, Role role) {
    return new Member(uid, role, MemberState.MEMBER_STATE_ACTIVE);
  }

  private static Member pending(Uid uid) {
    return new Member(uid, Role.ROLE_MEMBER, MemberState.MEMBER_STATE_PENDING);
  }

  private static Conversation upgraded() {
    Conversation open = conversation(SECRET);
    return open.in(new Phase(true, Named.conversation(9)), open.roster());
  }

  @Test
  void what_goes_on_encrypted_is_left_and_not_changed() {
    for (Request request : List.of(new Request.Add(MEMBER, Set.of(STRANGER), Proof.TOKEN), remove(ADMIN, MEMBER),
        join(STRANGER, TENANT, SECRET))) {
      assertEquals(new Decision.Refused(ErrorCode.UPGRADED), RULES.decide(upgraded(), request));
      assertInstanceOf(Decision.Changed.class, RULES.decide(conversation(SECRET), request));
    }
    assertEquals(new Decision.Refused(ErrorCode.NOT_A_MEMBER),
        RULES.decide(upgraded(), new Request.Add(STRANGER, Set.of(STRANGER), Proof.TOKEN)),
        "who is no member learns nothing of it");
    Decision.Changed left = assertInstanceOf(Decision.Changed.class,
        RULES.decide(upgraded(), new Request.Leave(ADMIN, Proof.TOKEN)));
    assertEquals(upgraded().phase(), left.after().phase());
    assertEquals(false, left.open());
  }

  private static Conversation conversation(ByteString linkSecret) {
    return conversation(linkSecret,
        List.of(member(ADMIN, Role.ROLE_ADMIN), member(MEMBER, Role.ROLE_MEMBER), pending(PENDING)));
  }

  private static Conversation conversation(ByteString linkSecret, List<Member> members) {
    return new Conversation(Named.conversation(1), TENANT, TrustLevel.TRUST_LEVEL_OPEN, History.HISTORY_FULL, EPOCH,
        new Roster(members), linkSecret, Phase.OPEN, null);
  }
}
