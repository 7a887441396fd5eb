// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.e2relay.client.Client;
import io.e2relay.client.Conversation;
import io.e2relay.client.IncomingMessage;
import io.e2relay.client.RefusedException;
import io.e2relay.client.Relay;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.deploy.endtoend.Shown;
import io.e2relay.deploy.endtoend.Until;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.Advice;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Error;
import io.e2relay.protocol.wire.ServerFrame;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// That the malicious server does nothing unless told to, the control of all controls, and what it can be told.
final class MaliciousServerIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  /// Alice and Bob in a conversation, both behind the malicious server.
  private static final class Chat implements AutoCloseable {
    final MaliciousServer server = MaliciousServer.before(SERVICE);
    final Client alice = server.relay().connect(SERVICE.token("alice"));
    final Client bob = server.relay().connect(SERVICE.token("bob"));
    final Conversation conversation = alice.createConversation(bob.me());
    final List<IncomingMessage> heard = new CopyOnWriteArrayList<>();

    Chat() throws TimeoutException {
      bob.onMessage(message -> {
        if (message.conversation().equals(conversation.id())) {
          heard.add(message);
        }
      });
    }

    void say(String... texts) {
      for (String text : texts) {
        conversation.send(ByteString.copyFromUtf8(text));
      }
    }

    void bobHears(String... texts) {
      Until.holds(SOON, "bob hears " + List.of(texts), () -> texts().equals(List.of(texts)));
    }

    List<String> texts() {
      return heard.stream().map(message -> message.body().toStringUtf8()).toList();
    }

    long told(String text) {
      return server.told("bob").stream()
          .filter(frame -> frame.hasMessage() && frame.getMessage().getBody().toStringUtf8().equals(text)).count();
    }

    @Override
    public void close() throws TimeoutException {
      alice.close();
      bob.close();
      server.close();
    }
  }

  @Test
  void two_users_chat_through_a_server_that_is_told_nothing() throws Exception {
    try (Chat chat = new Chat()) {
      for (int i = 0; i < 100; i++) {
        chat.say("message " + i);
      }
      Until.holds(SOON, "bob heard all", () -> chat.heard.size() == 100);
      Relay straight = Relay.at(SERVICE.url().toString()).trusting(SERVICE.ca());
      try (Client bob = straight.connect(SERVICE.token("bob"))) {
        assertEquals(chat.heard, bob.conversation(chat.conversation.id()).history(0));
      }
      assertEquals(100, chat.server.asked("alice").stream().filter(ClientFrame::hasSend).count());
      assertEquals(100, chat.server.told("alice").stream().filter(ServerFrame::hasSent).count());
      Shown.line("malicious_server messages=100 lines=2 asked=%d told=%d edited=0"
          .formatted(chat.server.asked("alice").size(), chat.server.told("alice").size()));
    }
  }

  @Test
  void a_message_is_changed_on_its_way_until_the_attack_ends() throws Exception {
    try (Chat chat = new Chat()) {
      try (Attack _ = chat.server.onFrames(Edit.change(ServerFrame::hasMessage, MaliciousServerIT::forged))) {
        chat.say("true");
        chat.bobHears("forged");
      }
      chat.say("true again");
      chat.bobHears("forged", "true again");
    }
  }

  @Test
  void a_request_is_changed_for_one_user_only() throws Exception {
    try (Chat chat = new Chat(); Attack _ = chat.server.onRequests(Edit.change(ClientFrame::hasSend, frame -> {
      ClientFrame.Builder changed = frame.toBuilder();
      changed.getSendBuilder().setBody(ByteString.copyFromUtf8("forged"));
      return changed.build();
    }).only("bob"))) {
      chat.say("of alice");
      chat.bob.conversation(chat.conversation.id()).send(ByteString.copyFromUtf8("of bob"));
      chat.bobHears("of alice", "forged");
    }
  }

  @Test
  void a_dropped_message_comes_again_when_the_client_sees_the_hole() throws Exception {
    try (Chat chat = new Chat()) {
      chat.say("one");
      chat.bobHears("one");
      try (Attack _ = chat.server.onFrames(Edit.drop(ServerFrame::hasMessage))) {
        chat.say("two");
      }
      chat.say("three");
      chat.bobHears("one", "two", "three");
    }
  }

  @Test
  void a_repeated_message_is_told_twice_and_heard_once() throws Exception {
    try (Chat chat = new Chat(); Attack _ = chat.server.onFrames(Edit.repeat(ServerFrame::hasMessage))) {
      chat.say("one", "two");
      chat.bobHears("one", "two");
      Until.holds(SOON, "both were repeated", () -> chat.told("one") == 2 && chat.told("two") == 2);
    }
  }

  @Test
  void messages_are_held_back_and_let_go_in_another_order() throws Exception {
    Held held = new Held(ServerFrame::hasMessage);
    try (Chat chat = new Chat()) {
      // From here on Bob is told of what comes, and no longer reads what was there.
      chat.say("zero");
      chat.bobHears("zero");
      try (Attack attack = chat.server.onFrames(held.only("bob"))) {
        chat.say("one", "two");
        Until.holds(SOON, "both are held", () -> held.frames().size() == 2);
        assertEquals(List.of("zero"), chat.texts());
        attack.end();
        held.frames().reversed().forEach(Held.Frame::go);
        chat.bobHears("zero", "one", "two");
      }
    }
  }

  @Test
  void a_request_is_answered_by_the_malicious_server_alone() throws Exception {
    Error refusal = Error.newBuilder().setCode(ErrorCode.NOT_ALLOWED.number()).setName(ErrorCode.NOT_ALLOWED.name())
        .setAdvice(Advice.ADVICE_GIVE_UP).build();
    try (Chat chat = new Chat()) {
      try (Attack _ = chat.server
          .onRequests(Edit.answer(ClientFrame::hasSend, _ -> ServerFrame.newBuilder().setError(refusal)))) {
        assertEquals(ErrorCode.NOT_ALLOWED.number(),
            assertThrows(RefusedException.class, () -> chat.say("unheard")).code());
      }
      chat.say("heard");
      chat.bobHears("heard");
    }
  }

  @Test
  void an_answer_of_the_real_server_is_changed() throws Exception {
    try (Chat chat = new Chat()) {
      try (Attack _ = chat.server.onFrames(Edit.reply(ClientFrame::hasGetConversation, frame -> {
        ServerFrame.Builder changed = frame.toBuilder();
        changed.getConversationBuilder().removeMembers(1);
        return changed.build();
      }))) {
        assertEquals(1, chat.conversation.members().size());
      }
      assertEquals(2, chat.conversation.members().size());
    }
  }

  @Test
  void a_client_whose_line_is_cut_comes_back_and_misses_nothing() throws Exception {
    try (Chat chat = new Chat()) {
      chat.say("one");
      chat.bobHears("one");
      chat.server.cut("bob");
      chat.say("two");
      chat.bobHears("one", "two");
      assertEquals(2, chat.server.asked("bob").stream().filter(ClientFrame::hasHello).count());
    }
  }

  private static ServerFrame forged(ServerFrame frame) {
    ServerFrame.Builder forged = frame.toBuilder();
    forged.getMessageBuilder().setBody(ByteString.copyFromUtf8("forged"));
    return forged.build();
  }
}
