// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import static io.e2relay.keyservice.Station.user;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.CommittedHint;
import io.e2relay.protocol.bus.wire.ConversationReply;
import io.e2relay.protocol.bus.wire.DetachCall;
import io.e2relay.protocol.bus.wire.DetachReply;
import io.e2relay.protocol.bus.wire.EpochRange;
import io.e2relay.protocol.bus.wire.ListReply;
import io.e2relay.protocol.bus.wire.Membership;
import io.e2relay.protocol.bus.wire.RosterReply;
import io.e2relay.protocol.bus.wire.SignInCall;
import io.e2relay.protocol.bus.wire.UsersChangedHint;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Settings;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.ChangeKind;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.Member;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.Role;
import io.e2relay.protocol.wire.TrustLevel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KeyVerticleIT {
  private final Station station;

  KeyVerticleIT(Postgres postgres) throws TimeoutException {
    KeySchemas.migrate(postgres);
    station = new Station(postgres, KeyConfig.read(new Settings(Map.of("keys.timeout.ms", "10000"))));
  }

  @BeforeEach
  void aRelayThatDetaches() throws TimeoutException {
    station.relayAnswers(Future.succeededFuture(DetachReply.getDefaultInstance()));
    station.committed.clear();
    station.usersChanged.clear();
    station.detached.clear();
  }

  @AfterAll
  void close() throws TimeoutException {
    station.close();
  }

  @Test
  void a_conversation_is_made_told_of_and_found() throws Exception {
    String name = "alice " + Station.random(4).hashCode();
    Uid alice = Ids.uid(Named.TENANT, name);
    Uid bob = user();
    assertEquals(1, station.ask(Calls.SIGN_IN, Station.signIn(name)).getUserVersion());
    Conversation made = station.create(alice, bob).getConversation();
    assertEquals(TrustLevel.TRUST_LEVEL_OPEN, made.getLevel());
    assertEquals(History.HISTORY_FULL, made.getHistory());
    assertEquals(1, made.getEpoch());
    assertEquals(16, made.getLinkSecret().size());
    Member admin = Member.newBuilder().setUid(alice.bytes()).setRole(Role.ROLE_ADMIN)
        .setState(MemberState.MEMBER_STATE_ACTIVE).setSubject(name).build();
    assertTrue(made.getMembersList().contains(admin));

    Control control = control();
    assertEquals(made.getConversationId(), control.getConversationId());
    assertEquals(1, control.getSeq());
    assertEquals(1, control.getEpoch());
    assertTrue(control.getReceivedMs() > 0);
    assertEquals(List.of(ChangeKind.CHANGE_KIND_CREATED, ChangeKind.CHANGE_KIND_ADDED),
        control.getChangesList().stream().map(change -> change.getKind()).toList());
    assertEquals(Map.of(alice.bytes(), 2L, bob.bytes(), 1L), usersChanged());

    assertEquals(made, station.ask(Calls.GET, Station.get(bob, made.getConversationId())).getConversation());
    ListReply list = station.ask(Calls.LIST, Station.list(alice));
    assertEquals(List.of(made), list.getPage().getConversationsList());
    assertEquals(2, list.getPage().getUserVersion());
    assertFalse(list.getPage().getMore());
    assertEquals(2, station.ask(Calls.SIGN_IN, Station.signIn(name)).getUserVersion());
  }

  @Test
  void members_come_and_go() throws Exception {
    Uid alice = user();
    Uid bob = user();
    Uid carol = user();
    Conversation made = station.create(alice).getConversation();
    ByteString id = made.getConversationId();
    control();
    assertEquals(2, station.ask(Calls.ADD, Station.add(alice, id, bob)).getConversation().getEpoch());
    assertChange(ChangeKind.CHANGE_KIND_ADDED, bob, alice);
    assertEquals(3,
        station.ask(Calls.JOIN, Station.join(carol, id, made.getLinkSecret())).getConversation().getEpoch());
    assertChange(ChangeKind.CHANGE_KIND_JOINED, carol, carol);
    assertEquals(0, station.detached.size());
    Conversation removed = station.ask(Calls.REMOVE, Station.remove(alice, id, bob)).getConversation();
    assertChange(ChangeKind.CHANGE_KIND_REMOVED, bob, alice);
    assertNotEquals(made.getLinkSecret(), removed.getLinkSecret());
    Conversation left = station.ask(Calls.LEAVE, Station.leave(alice, id)).getConversation();
    assertChange(ChangeKind.CHANGE_KIND_LEFT, alice, alice);
    assertEquals(5, left.getEpoch());
    assertEquals(ByteString.EMPTY, left.getLinkSecret());
    assertEquals(List.of(carol.bytes()), left.getMembersList().stream().map(Member::getUid).toList());

    assertEquals(
        List.of(DetachCall.newBuilder().setConversationId(id).addUids(bob.bytes()).build(),
            DetachCall.newBuilder().setConversationId(id).addUids(alice.bytes()).build()),
        List.copyOf(station.detached));
    Membership membership = station.ask(Calls.MEMBERSHIP, Station.membership(carol, id)).getMembership();
    assertEquals(
        Membership.newBuilder().setLevel(TrustLevel.TRUST_LEVEL_OPEN).setEpoch(5).setRole(Role.ROLE_ADMIN)
            .setState(MemberState.MEMBER_STATE_ACTIVE).addReadable(EpochRange.newBuilder().setFrom(1)).build(),
        membership);
    RosterReply roster = station.ask(Calls.ROSTER, Station.roster(id, 3));
    assertEquals(TrustLevel.TRUST_LEVEL_OPEN, roster.getRoster().getLevel());
    assertEquals(Set.of(alice.bytes(), bob.bytes(), carol.bytes()), Set.copyOf(roster.getRoster().getUidsList()));
    assertEquals(List.of(carol.bytes()), station.ask(Calls.ROSTER, Station.roster(id, 5)).getRoster().getUidsList());
  }

  @Test
  void no_conversation_and_not_a_member_get_the_same_answer_to_everything() throws Exception {
    Uid member = user();
    Uid stranger = user();
    ByteString id = station.create(member).getConversation().getConversationId();
    for (ByteString where : List.of(id, Station.nowhere())) {
      List<ConversationReply> replies = List.of(station.ask(Calls.GET, Station.get(stranger, where)),
          station.ask(Calls.ADD, Station.add(stranger, where, stranger)),
          station.ask(Calls.REMOVE, Station.remove(stranger, where, member)),
          station.ask(Calls.REMOVE, Station.remove(stranger, where, stranger)),
          station.ask(Calls.LEAVE, Station.leave(stranger, where)),
          station.ask(Calls.JOIN, Station.join(stranger, where, Station.random(16))));
      replies.forEach(reply -> assertEquals(Replies.NOT_A_MEMBER, reply.getRefusal()));
      assertEquals(Replies.NOT_A_MEMBER,
          station.ask(Calls.MEMBERSHIP, Station.membership(stranger, where)).getRefusal());
    }
    assertTrue(station.ask(Calls.GET, Station.get(member, id)).hasConversation());
    assertTrue(station.ask(Calls.MEMBERSHIP, Station.membership(member, id)).hasMembership());
  }

  @Test
  void an_epoch_that_has_not_begun_has_no_roster() throws Exception {
    ByteString id = station.create(user()).getConversation().getConversationId();
    assertEquals(1, station.ask(Calls.ROSTER, Station.roster(id, 1)).getRoster().getUidsCount());
    for (long epoch : new long[]{0, 2, Long.MAX_VALUE, -1}) {
      assertEquals(Replies.NOT_A_MEMBER, station.ask(Calls.ROSTER, Station.roster(id, epoch)).getRefusal());
    }
    assertEquals(Replies.NOT_A_MEMBER, station.ask(Calls.ROSTER, Station.roster(Station.nowhere(), 1)).getRefusal());
  }

  @Test
  void a_removal_waits_for_a_silent_relay_and_then_answers() throws Exception {
    Uid admin = user();
    Uid removed = user();
    ByteString id = station.create(admin, removed).getConversation().getConversationId();
    Promise<DetachReply> never = Promise.promise();
    station.relayAnswers(never.future());
    double before = unanswered();
    assertTrue(station.ask(Calls.REMOVE, Station.remove(admin, id, removed)).hasConversation());
    assertEquals(before + 1, unanswered());
    assertEquals(1, station.detached.size());
  }

  @Test
  void one_waiting_change_holds_up_no_other_question() throws Exception {
    Uid admin = user();
    Uid removed = user();
    ByteString id = station.create(admin, removed).getConversation().getConversationId();
    ByteString other = station.create(admin, removed).getConversation().getConversationId();
    Promise<DetachReply> later = Promise.promise();
    station.relayAnswers(later.future());
    Future<ConversationReply> first = station.bus.ask(Calls.REMOVE, Station.remove(admin, id, removed));
    assertNotNull(station.detached.poll(10, SECONDS));
    Future<ConversationReply> second = station.bus.ask(Calls.REMOVE, Station.remove(admin, other, removed));
    assertNotNull(station.detached.poll(10, SECONDS), "the second question did not get its turn");
    later.complete(DetachReply.getDefaultInstance());
    assertTrue(first.await(10, SECONDS).hasConversation());
    assertTrue(second.await(10, SECONDS).hasConversation());
  }

  @Test
  void a_uid_that_is_not_derived_is_a_bug_and_not_an_answer() throws Exception {
    SignInCall right = Station.signIn("dave");
    assertTrue(station.ask(Calls.SIGN_IN, right).getUserVersion() > 0);
    SignInCall wrong = right.toBuilder().setUid(user().bytes()).build();
    assertThrows(RuntimeException.class, () -> station.ask(Calls.SIGN_IN, wrong));
    assertEquals(1, station.registry.counter("e2relay_keys_failures_total").count());
  }

  private double unanswered() {
    return station.registry.counter("e2relay_keys_detach_unanswered_total").count();
  }

  private Control control() throws InterruptedException {
    CommittedHint hint = station.committed.poll(10, SECONDS);
    assertNotNull(hint, "nothing was told");
    assertEquals(1, hint.getEntriesCount());
    return hint.getEntries(0).getControl();
  }

  private void assertChange(ChangeKind kind, Uid uid, Uid by) throws InterruptedException {
    Control control = control();
    assertEquals(1, control.getChangesCount());
    assertEquals(kind, control.getChanges(0).getKind());
    assertEquals(uid.bytes(), control.getChanges(0).getUid());
    assertEquals(by.bytes(), control.getChanges(0).getBy());
  }

  private Map<ByteString, Long> usersChanged() throws InterruptedException {
    UsersChangedHint hint = station.usersChanged.poll(10, SECONDS);
    assertNotNull(hint, "nothing was told");
    return hint.getUsersList().stream().collect(Collectors.toMap(user -> user.getUid(), user -> user.getVersion()));
  }
}
