// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import static io.e2relay.keyservice.membership.Named.OTHER_TENANT;
import static io.e2relay.keyservice.membership.Named.TENANT;
import static io.e2relay.keyservice.membership.Named.secret;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.membership.Creation;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.keyservice.membership.Proof;
import io.e2relay.keyservice.membership.ReadableEpochs;
import io.e2relay.keyservice.membership.Request;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.Role;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What every keeper of conversations does. Limits: 20 members, 10 members in a page of a list.
///
/// Tests share one keeper, so each makes its own users and conversations.
interface ConversationsContract {
  int MEMBERS_MAX = 20;
  int LIST_MEMBERS_MAX = 10;
  AtomicInteger NEXT = new AtomicInteger(1000);

  Conversations conversations();

  static String freshName() {
    return "user-" + NEXT.incrementAndGet();
  }

  static Uid freshUser() {
    return Ids.uid(TENANT, freshName());
  }

  static ByteString unique(int length) {
    byte[] bytes = new byte[length];
    int n = NEXT.incrementAndGet();
    for (int i = 0; i < 4; i++) {
      bytes[i] = (byte) (n >>> (24 - 8 * i));
    }
    return ByteString.copyFrom(bytes);
  }

  static Creation wish(History history, Uid creator, Uid... others) {
    return new Creation(new ConversationId(unique(ConversationId.BYTES)),
        new Creation.Terms(TENANT, TrustLevel.TRUST_LEVEL_OPEN, history), creator, Set.of(others), unique(16),
        secret(1));
  }

  static Creation wish(Uid creator, Uid... others) {
    return wish(History.HISTORY_FULL, creator, others);
  }

  private Outcome.Changed done(Outcome outcome) {
    return assertInstanceOf(Outcome.Changed.class, outcome);
  }

  private ConversationId made(Creation wish) {
    return done(conversations().create(wish)).now().conversation().id();
  }

  private static Request remove(Uid by, Uid... uids) {
    return new Request.Remove(by, Set.of(uids), secret(2), Proof.TOKEN);
  }

  private @Nullable List<Uid> rosterAt(ConversationId id, long epoch) {
    ActiveRoster roster = conversations().roster(id, new Epoch(epoch));
    return roster == null ? null : roster.uids();
  }

  private static List<Uid> sorted(Uid... uids) {
    return List.of(uids).stream().sorted(io.e2relay.keyservice.membership.Roster.ORDER).toList();
  }

  @Test
  default void a_created_conversation_is_there_for_its_members() {
    Uid creator = freshUser();
    Uid other = freshUser();
    Creation wish = wish(creator, other);
    Outcome.Changed changed = done(conversations().create(wish));
    assertEquals(1, changed.news().control().getSeq());
    assertEquals(Set.of(creator, other), changed.news().versions().keySet());
    View view = conversations().view(wish.id(), other);
    assertNotNull(view);
    assertEquals(changed.now(), view);
    assertEquals(Epoch.FIRST, view.conversation().epoch());
    assertEquals(sorted(creator, other), view.conversation().roster().members().stream().map(Member::uid).toList());
    assertEquals(TENANT, view.conversation().tenant());
    assertEquals(secret(1), view.conversation().linkSecret());
    assertTrue(view.createdMs() > 0);
  }

  @Test
  default void the_same_request_again_finds_the_conversation_it_made() {
    Uid creator = freshUser();
    Creation first = wish(creator, freshUser());
    ConversationId id = made(first);
    done(conversations().change(id, new Request.Add(creator, Set.of(freshUser()), Proof.TOKEN)));
    Creation again = new Creation(new ConversationId(unique(32)), first.terms(), creator, first.others(),
        first.requestId(), secret(9));
    Outcome.Unchanged unchanged = assertInstanceOf(Outcome.Unchanged.class, conversations().create(again));
    assertEquals(conversations().view(id, creator), unchanged.now());
    assertEquals(1, conversations().list(creator, null, 100).conversations().size());
  }

  @Test
  default void the_same_request_id_for_something_else_is_refused() {
    Uid creator = freshUser();
    Creation first = wish(creator);
    made(first);
    Creation other = new Creation(new ConversationId(unique(32)), first.terms(), creator, Set.of(freshUser()),
        first.requestId(), secret(1));
    assertEquals(new Outcome.Refused(ErrorCode.DUPLICATE_DIFFERS), conversations().create(other));
    Creation othersRequest = new Creation(new ConversationId(unique(32)), first.terms(), freshUser(), first.others(),
        first.requestId(), secret(1));
    done(conversations().create(othersRequest));
  }

  @Test
  default void a_repeated_request_of_who_has_left_is_refused() {
    Uid creator = freshUser();
    Creation wish = wish(creator, freshUser());
    done(conversations().change(made(wish), new Request.Leave(creator, Proof.TOKEN)));
    assertEquals(new Outcome.Refused(ErrorCode.NOT_A_MEMBER), conversations().create(wish));
  }

  @Test
  default void every_change_begins_an_epoch_whose_roster_never_changes() {
    Uid a = freshUser();
    Uid b = freshUser();
    Uid c = freshUser();
    ConversationId id = made(wish(a, b));
    assertEquals(2,
        done(conversations().change(id, new Request.Add(b, Set.of(c), Proof.TOKEN))).news().control().getSeq());
    assertEquals(3, done(conversations().change(id, remove(a, b))).news().control().getSeq());
    assertEquals(4, done(conversations().change(id, new Request.Join(b, TENANT, secret(2)))).news().control().getSeq());
    assertEquals(5, done(conversations().change(id, new Request.Leave(a, Proof.TOKEN))).news().control().getSeq());
    assertEquals(sorted(a, b), rosterAt(id, 1));
    assertEquals(sorted(a, b, c), rosterAt(id, 2));
    assertEquals(sorted(a, c), rosterAt(id, 3));
    assertEquals(sorted(a, b, c), rosterAt(id, 4));
    assertEquals(sorted(b, c), rosterAt(id, 5));
    assertNull(rosterAt(id, 6));
    View view = conversations().view(id, b);
    assertNotNull(view);
    assertEquals(new Epoch(5), view.conversation().epoch());
    Member lowest = view.conversation().roster().members().getFirst();
    assertEquals(Role.ROLE_ADMIN, lowest.role());
    assertEquals(Role.ROLE_MEMBER, view.conversation().roster().members().getLast().role());
  }

  @Test
  default void what_changes_nothing_begins_no_epoch() {
    Uid a = freshUser();
    Uid b = freshUser();
    ConversationId id = made(wish(a, b));
    for (Request request : List.of(new Request.Add(a, Set.of(b), Proof.TOKEN), remove(a, freshUser()),
        new Request.Join(b, TENANT, secret(1)))) {
      Outcome.Unchanged unchanged = assertInstanceOf(Outcome.Unchanged.class, conversations().change(id, request));
      assertEquals(Epoch.FIRST, unchanged.now().conversation().epoch());
    }
    assertNull(rosterAt(id, 2));
  }

  @Test
  default void no_conversation_and_not_a_member_are_the_same_for_every_call() {
    Uid member = freshUser();
    Uid stranger = freshUser();
    Uid former = freshUser();
    ConversationId id = made(wish(member, former));
    done(conversations().change(id, remove(member, former)));
    for (Uid nobody : List.of(stranger, former)) {
      for (ConversationId where : List.of(id, Named.conversation(0xee))) {
        assertNull(conversations().view(where, nobody));
        assertNull(conversations().standing(where, nobody));
        for (Request request : List.of(new Request.Add(nobody, Set.of(nobody), Proof.TOKEN), remove(nobody, member),
            remove(nobody, nobody), new Request.Leave(nobody, Proof.TOKEN), new Request.Join(nobody, TENANT, secret(7)),
            new Request.Join(nobody, TENANT, secret(1)), new Request.Join(nobody, OTHER_TENANT, secret(2)))) {
          assertEquals(new Outcome.Refused(ErrorCode.NOT_A_MEMBER), conversations().change(where, request));
        }
      }
    }
    assertNull(rosterAt(Named.conversation(0xee), 1));
    assertNotNull(conversations().view(id, member));
    done(conversations().change(id, new Request.Join(stranger, TENANT, secret(2))));
  }

  @Test
  default void the_link_changes_when_somebody_is_removed() {
    Uid admin = freshUser();
    Uid removed = freshUser();
    ConversationId id = made(wish(admin, removed));
    done(conversations().change(id, remove(admin, removed)));
    assertEquals(new Outcome.Refused(ErrorCode.NOT_A_MEMBER),
        conversations().change(id, new Request.Join(removed, TENANT, secret(1))));
    View view = conversations().view(id, admin);
    assertNotNull(view);
    assertEquals(secret(2), view.conversation().linkSecret());
    done(conversations().change(id, new Request.Join(removed, TENANT, secret(2))));
  }

  @Test
  default void refusals_of_the_rules_come_through() {
    Uid admin = freshUser();
    Uid member = freshUser();
    ConversationId id = made(wish(admin, member));
    assertEquals(new Outcome.Refused(ErrorCode.NOT_ALLOWED), conversations().change(id, remove(member, admin)));
    Set<Uid> many = IntStream.range(0, MEMBERS_MAX - 1).mapToObj(_ -> freshUser()).collect(Collectors.toSet());
    assertEquals(new Outcome.Refused(ErrorCode.LIMIT_EXCEEDED),
        conversations().change(id, new Request.Add(member, many, Proof.TOKEN)));
    done(conversations().change(id,
        new Request.Add(member, many.stream().skip(1).collect(Collectors.toSet()), Proof.TOKEN)));
    Creation transit = new Creation(new ConversationId(unique(32)),
        new Creation.Terms(TENANT, TrustLevel.TRUST_LEVEL_TRANSIT, History.HISTORY_FULL), admin, Set.of(), unique(16),
        ByteString.EMPTY);
    assertEquals(new Outcome.Refused(ErrorCode.UNSUPPORTED), conversations().create(transit));
  }

  @Test
  default void a_member_reads_what_the_history_says() {
    Uid a = freshUser();
    Uid b = freshUser();
    ConversationId full = made(wish(a, b));
    ConversationId fromJoin = made(wish(History.HISTORY_FROM_JOIN, a, b));
    for (ConversationId id : List.of(full, fromJoin)) {
      done(conversations().change(id, new Request.Leave(b, Proof.TOKEN)));
      done(conversations().change(id, new Request.Add(a, Set.of(b), Proof.TOKEN)));
      done(conversations().change(id, new Request.Leave(a, Proof.TOKEN)));
    }
    Standing everything = conversations().standing(full, b);
    assertNotNull(everything);
    assertEquals(List.of(new ReadableEpochs.Range(Epoch.FIRST, null)), everything.readable());
    Standing own = conversations().standing(fromJoin, b);
    assertNotNull(own);
    assertEquals(
        List.of(new ReadableEpochs.Range(Epoch.FIRST, Epoch.FIRST), new ReadableEpochs.Range(new Epoch(3), null)),
        own.readable());
    assertEquals(new Epoch(4), own.epoch());
    assertEquals(Role.ROLE_ADMIN, own.member().role());
    assertEquals(TrustLevel.TRUST_LEVEL_OPEN, own.level());
  }

  @Test
  default void the_last_member_can_leave_an_empty_roster() {
    Uid a = freshUser();
    ConversationId id = made(wish(a));
    assertEquals(0,
        done(conversations().change(id, new Request.Leave(a, Proof.TOKEN))).now().conversation().roster().size());
    assertEquals(List.of(), rosterAt(id, 2));
    assertNull(conversations().view(id, a));
  }

  @Test
  default void a_list_comes_in_pages_bounded_by_conversations() {
    Uid user = freshUser();
    List<ConversationId> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.add(made(wish(user)));
    }
    ConversationId left = made(wish(user));
    done(conversations().change(left, new Request.Leave(user, Proof.TOKEN)));
    Listing first = conversations().list(user, null, 3);
    assertEquals(made.subList(0, 3), first.conversations().stream().map(view -> view.conversation().id()).toList());
    assertTrue(first.more());
    Listing second = conversations().list(user, made.get(2), 3);
    assertEquals(made.subList(3, 5), second.conversations().stream().map(view -> view.conversation().id()).toList());
    assertFalse(second.more());
    assertFalse(conversations().list(user, null, 5).more());
    assertEquals(List.of(), conversations().list(user, made.get(4), 3).conversations());
    assertEquals(7, second.version());
    assertEquals(new Listing(List.of(), false, 0), conversations().list(freshUser(), null, 3));
  }

  @Test
  default void a_page_is_bounded_by_members_but_never_empty() {
    Uid user = freshUser();
    Uid[] nine = IntStream.range(0, 9).mapToObj(_ -> freshUser()).toArray(Uid[]::new);
    Uid[] eleven = IntStream.range(0, 11).mapToObj(_ -> freshUser()).toArray(Uid[]::new);
    ConversationId one = made(wish(user, nine));
    ConversationId two = made(wish(user, eleven));
    ConversationId three = made(wish(user));
    List<List<ConversationId>> pages = new ArrayList<>();
    ConversationId after = null;
    boolean more = true;
    while (more) {
      Listing page = conversations().list(user, after, 100);
      pages.add(page.conversations().stream().map(view -> view.conversation().id()).toList());
      after = page.conversations().getLast().conversation().id();
      more = page.more();
    }
    assertEquals(List.of(List.of(one), List.of(two), List.of(three)), pages);
  }

  @Test
  default void members_have_names_once_they_have_connected() {
    String name = freshName();
    Uid named = Ids.uid(TENANT, name);
    Uid unnamed = freshUser();
    assertInstanceOf(SignIn.Done.class, conversations().signIn(TENANT, named, name));
    ConversationId id = made(wish(named, unnamed));
    View view = conversations().view(id, unnamed);
    assertNotNull(view);
    assertEquals(java.util.Map.of(named, name), view.subjects());
    assertEquals(view, conversations().list(unnamed, null, 1).conversations().getFirst());
    assertEquals(view.subjects(),
        done(conversations().change(id, new Request.Add(named, Set.of(freshUser()), Proof.TOKEN))).now().subjects());
  }

  @Test
  default void the_version_grows_with_every_change_that_concerns_the_user() {
    String name = freshName();
    Uid user = Ids.uid(TENANT, name);
    Uid admin = freshUser();
    assertEquals(new SignIn.Done(1), conversations().signIn(TENANT, user, name));
    ConversationId id = made(wish(admin, user));
    assertEquals(new SignIn.Done(2), conversations().signIn(TENANT, user, name));
    done(conversations().change(id, new Request.Add(admin, Set.of(freshUser()), Proof.TOKEN)));
    assertEquals(new SignIn.Done(2), conversations().signIn(TENANT, user, name));
    Outcome.Changed removed = done(conversations().change(id, remove(admin, user)));
    assertEquals(java.util.Map.of(user, 3L), removed.news().versions());
    assertEquals(new SignIn.Done(3), conversations().signIn(TENANT, user, name));
  }

  @Test
  default void who_becomes_admin_is_told_too() {
    Uid admin = freshUser();
    Uid other = freshUser();
    ConversationId id = made(wish(admin, other));
    assertEquals(Set.of(admin, other),
        done(conversations().change(id, new Request.Leave(admin, Proof.TOKEN))).news().versions().keySet());
  }

  @Test
  default void a_uid_has_one_name() {
    String name = freshName();
    Uid user = Ids.uid(TENANT, name);
    conversations().signIn(TENANT, user, name);
    assertThrows(IllegalStateException.class, () -> conversations().signIn(OTHER_TENANT, user, name));
    assertThrows(IllegalStateException.class, () -> conversations().signIn(TENANT, user, "another"));
  }

  @Test
  default void users_of_another_tenant_cannot_be_named() {
    String name = freshName();
    Uid foreigner = Ids.uid(OTHER_TENANT, name);
    assertEquals(new SignIn.Done(1), conversations().signIn(OTHER_TENANT, foreigner, name));
    Uid admin = freshUser();
    assertEquals(new Outcome.Refused(ErrorCode.NOT_ALLOWED), conversations().create(wish(admin, foreigner)));
    ConversationId id = made(wish(admin));
    assertEquals(new Outcome.Refused(ErrorCode.NOT_ALLOWED),
        conversations().change(id, new Request.Add(admin, Set.of(foreigner, freshUser()), Proof.TOKEN)));
    assertEquals(List.of(admin), rosterAt(id, 1));
    assertNull(rosterAt(id, 2));
    // Nothing of a refused request stays.
    assertEquals(new SignIn.Done(1), conversations().signIn(OTHER_TENANT, foreigner, name));
    done(conversations().change(id, new Request.Add(admin, Set.of(freshUser()), Proof.TOKEN)));
  }

  @Test
  default void who_was_named_before_the_first_connection_leaves_another_tenants_conversations() {
    String name = freshName();
    TenantId home = OTHER_TENANT;
    Uid foreigner = Ids.uid(home, name);
    Uid admin = freshUser();
    ConversationId id = made(wish(admin, foreigner));
    assertEquals(new SignIn.Astray(List.of(id)), conversations().signIn(home, foreigner, name));
    assertEquals(new Outcome.Refused(ErrorCode.NOT_ALLOWED), conversations().create(wish(admin, foreigner)));
    done(conversations().change(id, new Request.Leave(foreigner, Proof.TOKEN)));
    assertInstanceOf(SignIn.Done.class, conversations().signIn(home, foreigner, name));
    assertEquals(List.of(admin), rosterAt(id, 2));
    assertNotEquals(List.of(), rosterAt(id, 1));
  }
}
