// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.AddMembers;
import io.e2relay.protocol.wire.Advice;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.Error;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.GetConversation;
import io.e2relay.protocol.wire.ListConversations;
import io.e2relay.protocol.wire.RemoveMembers;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Subscribe;
import io.e2relay.protocol.wire.Welcome;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a welcomed client gets for what it may not do: its exact code; beside each stands the same that it may do.
final class BadRequestIT {
  private static final int READER_BACKLOG = 400;
  private static final int READER_BODY = 60_000;

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void an_unknown_conversation_and_one_of_others_get_the_same_answer() {
    try (RawSocket alice = SERVICE.welcomed("alice"); RawSocket eve = SERVICE.welcomed("eve")) {
      ByteString hers = alice.createConversation();
      List<ClientFrame.Builder> aboutHers = about(hers);
      List<ClientFrame.Builder> aboutNowhere = about(RawSocket.random(32));
      for (int i = 0; i < aboutHers.size(); i++) {
        String kind = aboutHers.get(i).getBodyCase().name();
        Error others = error(eve.ask(aboutHers.get(i)));
        assertEquals(ErrorCode.NOT_A_MEMBER.number(), others.getCode(), kind);
        assertEquals(others, error(eve.ask(aboutNowhere.get(i))), kind);
        assertEquals(Error.getDefaultInstance(), error(alice.ask(aboutHers.get(i))), "a member may: " + kind);
      }
      Shown.line("not_a_member requests=%d unknown=same others=same control=answered".formatted(aboutHers.size()));
    }
  }

  @Test
  void a_message_under_another_epoch_is_refused_with_the_current_one() {
    try (RawSocket alice = SERVICE.welcomed("alice"); RawSocket bob = RawSocket.open(SERVICE.url(), SERVICE.ca())) {
      ByteString conversation = alice.createConversation();
      Welcome other = bob.hello(SERVICE.token("bob"));
      ServerFrame added = alice.ask(ClientFrame.newBuilder()
          .setAddMembers(AddMembers.newBuilder().setConversationId(conversation).addMembers(other.getUid())));
      assertEquals(2, added.getConversation().getEpoch());
      ServerFrame stale = alice.ask(message(conversation, RawSocket.random(16), "late", 1));
      assertEquals(ErrorCode.STALE_EPOCH.number(), stale.getError().getCode());
      assertEquals(2, stale.getError().getCurrentEpoch());
      assertTrue(alice.ask(message(conversation, RawSocket.random(16), "in time", 2)).hasSent());
      Shown.line("stale_epoch code=STALE_EPOCH current_epoch=2 control=sent");
    }
  }

  @Test
  void a_msg_id_with_other_bytes_is_refused() {
    try (RawSocket alice = SERVICE.welcomed("alice")) {
      ByteString conversation = alice.createConversation();
      ByteString id = RawSocket.random(16);
      ServerFrame first = alice.ask(message(conversation, id, "first", 0));
      ServerFrame again = alice.ask(message(conversation, id, "first", 0));
      assertEquals(first.getSent().getSeq(), again.getSent().getSeq());
      assertTrue(again.getSent().getDuplicate());
      ServerFrame other = alice.ask(message(conversation, id, "second", 0));
      assertEquals(ErrorCode.DUPLICATE_DIFFERS.number(), other.getError().getCode());
      Shown.line("duplicate same_bytes=same_seq other_bytes=DUPLICATE_DIFFERS");
    }
  }

  @Test
  void a_removed_member_is_refused_and_hears_nothing_more() {
    try (RawSocket alice = SERVICE.welcomed("alice"); RawSocket bob = RawSocket.open(SERVICE.url(), SERVICE.ca())) {
      ByteString conversation = alice.createConversation();
      ByteString uid = bob.hello(SERVICE.token("bob")).getUid();
      alice.ask(ClientFrame.newBuilder()
          .setAddMembers(AddMembers.newBuilder().setConversationId(conversation).addMembers(uid)));
      bob.ask(subscribe(conversation));
      assertTrue(alice.ask(message(conversation, RawSocket.random(16), "before", 0)).hasSent());
      bob.next(frame -> frame.getMessage().getBody().toStringUtf8().equals("before"));
      assertTrue(alice
          .ask(ClientFrame.newBuilder()
              .setRemoveMembers(RemoveMembers.newBuilder().setConversationId(conversation).addMembers(uid)))
          .hasConversation());
      assertTrue(alice.ask(message(conversation, RawSocket.random(16), "after", 0)).hasSent());
      bob.next(ServerFrame::hasMemberRemoved);
      for (ClientFrame.Builder request : about(conversation)) {
        assertEquals(ErrorCode.NOT_A_MEMBER.number(), error(bob.ask(request)).getCode(), request.getBodyCase().name());
      }
      assertTrue(bob.seen(frame -> frame.getMessage().getBody().toStringUtf8().equals("before")));
      assertTrue(!bob.seen(frame -> frame.getMessage().getBody().toStringUtf8().equals("after")));
      Shown.line("removed_member requests=%d code=NOT_A_MEMBER heard_after=0".formatted(about(conversation).size()));
    }
  }

  @Test
  void a_hundred_times_the_rate_is_refused_and_then_hung_up_on() {
    try (RawSocket socket = RawSocket.open(SERVICE.url(), SERVICE.ca()); RawSocket control = SERVICE.welcomed("bob")) {
      int rate = socket.hello(SERVICE.token("alice")).getLimits().getRequestsPerSecond();
      for (int i = 0; i < rate * 100 && socket.isOpen(); i++) {
        socket.send(list());
      }
      ServerFrame refused = socket.next(frame -> frame.getError().getCode() == ErrorCode.TOO_FAST.number());
      assertEquals(Advice.ADVICE_RETRY, refused.getError().getAdvice());
      assertTrue(refused.getError().getRetryAfterMs() > 0);
      assertEquals(CloseCode.TOO_FAST.number(), socket.closeCode());
      assertTrue(control.ask(list()).hasConversationPage(), "others are served");
      Shown.line(
          "rate requests_per_second=%d sent=%d code=TOO_FAST close=4429 control=answered".formatted(rate, rate * 100));
    }
  }

  @Test
  void a_reader_that_stops_reading_costs_the_others_nothing_and_gets_everything_later() {
    try (RawSocket alice = SERVICE.welcomed("alice");
        RawSocket slow = SERVICE.welcomed("alice");
        RawSocket quick = SERVICE.welcomed("alice")) {
      ByteString conversation = alice.createConversation();
      slow.ask(subscribe(conversation));
      quick.ask(subscribe(conversation));
      slow.stopReading();
      String text = "x".repeat(READER_BODY);
      long last = 0;
      for (int i = 0; i < READER_BACKLOG; i++) {
        ServerFrame sent = alice.ask(message(conversation, RawSocket.random(16), text, 0));
        last = sent.getSent().getSeq();
      }
      assertEquals(last, quick.countInOrder(conversation, last));
      long queued = SERVICE.metric("e2relay_outbound_bytes");
      assertTrue(queued < 2L * 1024 * 1024, "bounded: " + queued + " bytes queued");
      slow.readOn();
      assertEquals(last, slow.countInOrder(conversation, last));
      Shown.line("stopped_reader backlog=%d bytes=%d queued_bytes=%d quick=all slow=all".formatted(READER_BACKLOG,
          READER_BACKLOG * (long) READER_BODY, queued));
    }
  }

  /// One request of each kind that names a conversation.
  private static List<ClientFrame.Builder> about(ByteString conversation) {
    return List.of(message(conversation, RawSocket.random(16), "hello", 0),
        ClientFrame.newBuilder().setFetch(Fetch.newBuilder().setConversationId(conversation)), subscribe(conversation),
        ClientFrame.newBuilder().setGetConversation(GetConversation.newBuilder().setConversationId(conversation)),
        ClientFrame.newBuilder()
            .setAddMembers(AddMembers.newBuilder().setConversationId(conversation).addMembers(RawSocket.random(16))));
  }

  private static ClientFrame.Builder message(ByteString conversation, ByteString id, String text, long epoch) {
    return ClientFrame.newBuilder().setSend(Send.newBuilder().setConversationId(conversation).setMsgId(id)
        .setBody(ByteString.copyFromUtf8(text)).setEpoch(epoch));
  }

  private static ClientFrame.Builder subscribe(ByteString conversation) {
    return ClientFrame.newBuilder()
        .setSubscribe(Subscribe.newBuilder().addCursors(Cursor.newBuilder().setConversationId(conversation)));
  }

  private static ClientFrame.Builder list() {
    return ClientFrame.newBuilder().setListConversations(ListConversations.getDefaultInstance());
  }

  private static Error error(ServerFrame answer) {
    return answer.hasSubscribed() ? answer.getSubscribed().getResults(0).getError() : answer.getError();
  }
}
