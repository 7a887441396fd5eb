// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import static io.e2relay.relay.session.SessionDriver.ANNE;
import static io.e2relay.relay.session.SessionDriver.CONVERSATION;
import static io.e2relay.relay.session.SessionDriver.LIMITS;
import static io.e2relay.relay.session.SessionDriver.assertRefused;
import static io.e2relay.relay.session.SessionDriver.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.e2relay.protocol.bus.Call;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.AddCall;
import io.e2relay.protocol.bus.wire.ConversationReply;
import io.e2relay.protocol.bus.wire.DeviceWrapsCall;
import io.e2relay.protocol.bus.wire.DeviceWrapsReply;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.GetAccountsCall;
import io.e2relay.protocol.bus.wire.GetAccountsReply;
import io.e2relay.protocol.bus.wire.LeaveCall;
import io.e2relay.protocol.bus.wire.ListCall;
import io.e2relay.protocol.bus.wire.ListReply;
import io.e2relay.protocol.bus.wire.PutAccountCall;
import io.e2relay.protocol.bus.wire.RemoveCall;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.AccountQuery;
import io.e2relay.protocol.wire.Accounts;
import io.e2relay.protocol.wire.AddMembers;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.ConversationPage;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.DeviceWraps;
import io.e2relay.protocol.wire.Done;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.GetAccounts;
import io.e2relay.protocol.wire.GetConversation;
import io.e2relay.protocol.wire.GetDeviceWraps;
import io.e2relay.protocol.wire.JoinConversation;
import io.e2relay.protocol.wire.Leave;
import io.e2relay.protocol.wire.ListConversations;
import io.e2relay.protocol.wire.Page;
import io.e2relay.protocol.wire.PutAccount;
import io.e2relay.protocol.wire.RemoveMembers;
import io.e2relay.protocol.wire.Subscribe;
import io.e2relay.protocol.wire.SubscribeResult;
import io.e2relay.protocol.wire.Unsubscribe;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SessionRequestsTest {
  private static final List<ByteString> TOO_MANY = Collections.nCopies(LIMITS.members() + 1, ANNE.uid().bytes());
  private static final List<ByteString> MANY = TOO_MANY.subList(1, TOO_MANY.size());
  private static final ConversationReply CHANGED = ConversationReply.newBuilder()
      .setConversation(Conversation.newBuilder().setConversationId(CONVERSATION).setEpoch(3)).build();

  @Test
  void each_request_about_conversations_asks_its_call() {
    Map<ClientFrame.Builder, Call<?, ?>> calls = Map.of(create(MANY), Calls.CREATE, add(MANY), Calls.ADD, remove(MANY),
        Calls.REMOVE,
        ClientFrame.newBuilder().setGetConversation(GetConversation.newBuilder().setConversationId(CONVERSATION)),
        Calls.GET, ClientFrame.newBuilder().setLeave(Leave.newBuilder().setConversationId(CONVERSATION)), Calls.LEAVE,
        ClientFrame.newBuilder().setJoinConversation(JoinConversation.newBuilder().setConversationId(CONVERSATION)),
        Calls.JOIN);
    calls.forEach((request, call) -> {
      SessionDriver driver = SessionDriver.ready();
      Effect.Ask<?, ?> ask = (Effect.Ask<?, ?>) driver.receive(request.setId(9).build()).getFirst();
      assertEquals(call, ask.call());
      var reply = frame(driver.session.answered(9, CHANGED));
      assertEquals(9, reply.getReplyTo());
      assertEquals(call.equals(Calls.LEAVE), reply.hasDone());
      assertEquals(!call.equals(Calls.LEAVE), reply.hasConversation());
    });
  }

  @Test
  void what_changes_members_says_whether_the_device_is_proven() {
    for (boolean proven : List.of(true, false)) {
      SessionDriver driver = proven ? SessionDriver.proven() : SessionDriver.ready();
      assertEquals(proven, ((AddCall) question(driver, add(MANY))).getDeviceProven());
      assertEquals(proven, ((RemoveCall) question(driver, remove(MANY))).getDeviceProven());
      assertEquals(proven,
          ((LeaveCall) question(driver,
              ClientFrame.newBuilder().setLeave(Leave.newBuilder().setConversationId(CONVERSATION))))
              .getDeviceProven());
    }
  }

  private static Message question(SessionDriver driver, ClientFrame.Builder request) {
    Message question = ((Effect.Ask<?, ?>) driver.receive(request.setId(9).build()).getFirst()).question();
    driver.session.answered(9, CHANGED);
    return question;
  }

  @Test
  void requests_about_accounts_ask_for_the_caller_and_are_answered() {
    SessionDriver driver = SessionDriver.ready();
    PutAccount put = PutAccount.newBuilder().setRecord(ANNE.uid().bytes()).build();
    Effect.Ask<?, ?> asked = (Effect.Ask<?, ?>) driver
        .receive(ClientFrame.newBuilder().setId(9).setPutAccount(put).build()).getFirst();
    assertEquals(PutAccountCall.newBuilder().setTenant(ANNE.tenant().bytes()).setCaller(ANNE.uid().bytes())
        .setRequest(put).build(), asked.question());
    assertTrue(
        frame(driver.session.answered(9, DoneReply.newBuilder().setDone(Done.getDefaultInstance()).build())).hasDone());
    AccountQuery query = AccountQuery.newBuilder().setUid(ANNE.uid().bytes()).build();
    asked = (Effect.Ask<?, ?>) driver
        .receive(ClientFrame.newBuilder().setId(10).setGetAccounts(GetAccounts.newBuilder().addAccounts(query)).build())
        .getFirst();
    assertEquals(GetAccountsCall.newBuilder().setTenant(ANNE.tenant().bytes()).addAccounts(query).build(),
        asked.question());
    GetAccountsReply reply = GetAccountsReply.newBuilder().setAccounts(Accounts.newBuilder().setMore(true)).build();
    assertTrue(frame(driver.session.answered(10, reply)).getAccounts().getMore());
  }

  @Test
  void a_refused_record_is_told_with_its_fault() {
    SessionDriver driver = SessionDriver.ready();
    driver.receive(ClientFrame.newBuilder().setId(9).setPutAccount(PutAccount.getDefaultInstance()).build());
    List<Effect> refused = driver.session.answered(9, DoneReply.newBuilder()
        .setRefusal(ErrorCode.RECORD_REFUSED.refusal().toBuilder().setFault("BAD_SIGNATURE")).build());
    assertRefused(refused, 9, ErrorCode.RECORD_REFUSED);
    assertEquals("BAD_SIGNATURE", frame(refused).getError().getFault());
  }

  @Test
  void only_a_proven_device_gets_its_wraps() {
    ClientFrame request = ClientFrame.newBuilder().setId(9)
        .setGetDeviceWraps(GetDeviceWraps.newBuilder().setAfterSeq(2)).build();
    assertRefused(SessionDriver.ready().receive(request), 9, ErrorCode.DEVICE_UNPROVEN);
    SessionDriver proven = SessionDriver.proven();
    Effect.Ask<?, ?> asked = (Effect.Ask<?, ?>) proven.receive(request).getFirst();
    assertEquals(DeviceWrapsCall.newBuilder().setCaller(ANNE.uid().bytes()).setDeviceId(SessionDriver.DEVICE)
        .setAfterSeq(2).build(), asked.question());
    assertTrue(frame(proven.session.answered(9,
        DeviceWrapsReply.newBuilder().setWraps(DeviceWraps.newBuilder().setMore(true)).build())).getDeviceWraps()
        .getMore());
  }

  @Test
  void news_of_an_account_is_an_event() {
    var event = frame(SessionDriver.ready().session.accountChanged(ANNE.uid().bytes(), 3)).getAccountChanged();
    assertEquals(ANNE.uid().bytes(), event.getUid());
    assertEquals(3, event.getLastSeq());
    assertEquals(List.of(), new SessionDriver().session.accountChanged(ANNE.uid().bytes(), 3));
  }

  @Test
  void every_refusal_and_every_failure_is_one_reply() {
    SessionDriver driver = SessionDriver.ready();
    driver.receive(create(MANY).setId(9).build());
    ConversationReply refusal = ConversationReply.newBuilder().setRefusal(ErrorCode.NOT_ALLOWED.refusal()).build();
    assertRefused(driver.session.answered(9, refusal), 9, ErrorCode.NOT_ALLOWED);
    assertEquals(List.of(), driver.session.answered(9, refusal));
    driver.receive(create(MANY).setId(10).build());
    List<Effect> failed = driver.session.failed(10);
    assertRefused(failed, 10, ErrorCode.UNAVAILABLE);
    assertTrue(frame(failed).getError().getRetryAfterMs() > 0);
    driver.receive(create(MANY).setId(11).build());
    assertRefused(driver.session.answered(11, ConversationReply.getDefaultInstance()), 11, ErrorCode.UNAVAILABLE);
  }

  @Test
  void more_members_than_allowed_are_refused_before_anybody_is_asked() {
    for (ClientFrame.Builder request : List.of(create(TOO_MANY), add(TOO_MANY), remove(TOO_MANY))) {
      assertRefused(SessionDriver.ready().receive(request.setId(3).build()), 3, ErrorCode.LIMIT_EXCEEDED);
    }
  }

  @Test
  void a_page_of_the_list_has_at_most_the_limit() {
    for (int asked : new int[]{0, -1, 101, 100}) {
      SessionDriver driver = SessionDriver.ready();
      Effect.Ask<?, ?> ask = (Effect.Ask<?, ?>) driver.receive(ClientFrame.newBuilder().setId(2)
          .setListConversations(ListConversations.newBuilder().setLimit(asked)).build()).getFirst();
      assertEquals(100, ((ListCall) ask.question()).getLimit());
      assertTrue(frame(
          driver.session.answered(2, ListReply.newBuilder().setPage(ConversationPage.getDefaultInstance()).build()))
          .hasConversationPage());
    }
  }

  @Test
  void pages_of_the_log_are_read_one_after_the_other() {
    SessionDriver driver = SessionDriver.ready();
    assertEquals(100, ((Effect.ReadPage) driver.receive(fetch(2)).getFirst()).request().getLimit());
    assertEquals(List.of(), driver.receive(fetch(3)));
    List<Effect> effects = driver.session.read(2, new PageOutcome.Read(Page.newBuilder().setThroughSeq(4).build()));
    assertEquals(4, frame(effects).getPage().getThroughSeq());
    assertEquals(3, ((Effect.ReadPage) effects.getLast()).id());
    assertRefused(driver.session.read(3, new PageOutcome.Refused(ErrorCode.NOT_A_MEMBER)), 3, ErrorCode.NOT_A_MEMBER);
    driver.receive(fetch(4));
    driver.receive(fetch(5));
    List<Effect> failed = driver.session.failed(4);
    assertRefused(failed, 4, ErrorCode.UNAVAILABLE);
    assertEquals(5, ((Effect.ReadPage) failed.getLast()).id());
  }

  @Test
  void no_page_is_read_for_a_client_that_does_not_read() {
    SessionDriver driver = SessionDriver.ready();
    driver.session.writable(false);
    assertEquals(List.of(), driver.receive(fetch(2)));
    assertEquals(2, ((Effect.ReadPage) driver.session.writable(true).getFirst()).id());
  }

  @Test
  void subscriptions_are_limited_and_come_free_again() {
    SessionDriver driver = SessionDriver.ready();
    assertEquals(Effect.Subscribe.class, driver.receive(subscribe(2, 0, LIMITS.subscriptions())).getFirst().getClass());
    assertRefused(driver.receive(subscribe(3, 9, 1)), 3, ErrorCode.LIMIT_EXCEEDED);
    // The same ones again are no more than before.
    assertEquals(Effect.Subscribe.class, driver.receive(subscribe(4, 0, 1)).getFirst().getClass());
    SubscribeResult refused = SubscribeResult.newBuilder().setConversationId(conversation(0))
        .setError(Frames.error(ErrorCode.NOT_A_MEMBER)).build();
    List<Effect> answered = driver.session.subscribed(4, List.of(refused));
    assertEquals(refused, frame(answered).getSubscribed().getResults(0));
    assertEquals(new Effect.Begin(List.of()), answered.getLast());
    assertEquals(Effect.Subscribe.class, driver.receive(subscribe(5, 9, 1)).getFirst().getClass());
    driver.session.detached(conversation(9));
    assertEquals(Effect.Subscribe.class, driver.receive(subscribe(6, 8, 1)).getFirst().getClass());
    List<Effect> let = driver.receive(ClientFrame.newBuilder().setId(7)
        .setUnsubscribe(Unsubscribe.newBuilder().addConversationIds(conversation(8))).build());
    assertTrue(frame(let).hasDone());
    assertEquals(Effect.Subscribe.class, driver.receive(subscribe(8, 7, 1)).getFirst().getClass());
  }

  @Test
  void the_log_flows_after_the_answer_is_out() {
    SessionDriver driver = SessionDriver.ready();
    driver.receive(subscribe(2, 0, 1));
    List<Effect> effects = driver.session.subscribed(2,
        List.of(SubscribeResult.newBuilder().setConversationId(conversation(0)).build()));
    assertTrue(frame(List.of(effects.getFirst())).hasSubscribed());
    assertEquals(new Effect.Begin(List.of(conversation(0))), effects.getLast());
  }

  @Test
  void one_conversation_twice_in_a_subscribe_is_malformed() {
    ClientFrame.Builder twice = subscribe(2, 0, 1).toBuilder();
    twice.getSubscribeBuilder().addCursors(Cursor.newBuilder().setConversationId(conversation(0)).setAfterSeq(5));
    assertRefused(SessionDriver.ready().receive(twice.build()), 2, ErrorCode.MALFORMED);
  }

  @Test
  void news_become_events() {
    SessionDriver driver = SessionDriver.ready();
    assertEquals(CONVERSATION, frame(driver.session.detached(CONVERSATION)).getMemberRemoved().getConversationId());
    assertEquals(8, frame(driver.session.changed(CONVERSATION, 8)).getConversationChanged().getUserVersion());
    assertEquals(500, frame(driver.session.draining(500)).getDraining().getSpreadMs());
  }

  private static ByteString conversation(int number) {
    byte[] id = new byte[32];
    id[0] = (byte) number;
    return ByteString.copyFrom(id);
  }

  private static ClientFrame subscribe(long id, int first, int count) {
    Subscribe.Builder subscribe = Subscribe.newBuilder();
    for (int i = 0; i < count; i++) {
      subscribe.addCursors(Cursor.newBuilder().setConversationId(conversation(first + i)));
    }
    return ClientFrame.newBuilder().setId(id).setSubscribe(subscribe).build();
  }

  private static ClientFrame fetch(long id) {
    return ClientFrame.newBuilder().setId(id).setFetch(Fetch.newBuilder().setConversationId(CONVERSATION)).build();
  }

  private static ClientFrame.Builder create(List<ByteString> members) {
    return ClientFrame.newBuilder().setCreateConversation(CreateConversation.newBuilder().addAllMembers(members));
  }

  private static ClientFrame.Builder add(List<ByteString> members) {
    return ClientFrame.newBuilder().setAddMembers(AddMembers.newBuilder().addAllMembers(members));
  }

  private static ClientFrame.Builder remove(List<ByteString> members) {
    return ClientFrame.newBuilder().setRemoveMembers(RemoveMembers.newBuilder().addAllMembers(members));
  }
}
