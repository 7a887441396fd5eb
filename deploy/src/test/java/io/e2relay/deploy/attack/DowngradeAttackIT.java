// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.client.e2ee.Alarm;
import io.e2relay.client.e2ee.EncryptedConversation;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.deploy.endtoend.Until;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.ConversationChanged;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.TrustLevel;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A server that wants an encrypted conversation to go on in the clear, or somewhere else.
final class DowngradeAttackIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void plain_text_in_an_encrypted_conversation_is_not_shown() throws Exception {
    try (World world = new World(SERVICE)) {
      List<String> texts = List.of("", "plain", "{\"msg\":\"plain\"}", "\n\005plain", "plain ".repeat(200));
      for (String text : texts) {
        ByteString body = ByteString.copyFromUtf8(text);
        try (Attack _ = world.server.onFrames(
            Lies.message(world.chat, message -> message.toBuilder().setBody(body).build()).only(world.bob.name()))) {
          world.alice.says(world.chat, "sealed");
          world.bob.alarmed(new Alarm.MessageRefused(world.chat, world.ledger.lastSeq(world.chat),
              assertInstanceOf(Reading.Unreadable.class, Envelope.read(body)).fault()));
        }
      }
      assertEquals(List.of("hello", "hello, Alice"), world.bob.heard(world.chat));
      world.alice.says(world.chat, "sealed");
      world.bob.hears(world.chat, "hello", "hello, Alice", "sealed");
      World.shown("plaintext", "MessageRefused kinds=" + texts.size());
    }
  }

  @Test
  void a_conversation_that_is_known_as_encrypted_stays_so_whatever_the_server_calls_it() throws Exception {
    try (World world = new World(SERVICE)) {
      Alarm expected = new Alarm.Downgraded(world.chat);
      try (Attack _ = world.server.onFrames(Lies.conversation(world.chat, DowngradeAttackIT::open))) {
        world.server.tell(world.bob.name(),
            ServerFrame.newBuilder()
                .setConversationChanged(
                    ConversationChanged.newBuilder().setConversationId(world.chat.bytes()).setUserVersion(1_000))
                .build());
        world.bob.alarmed(expected);
        world.bob.says(world.chat, "still sealed");
        world.server.cut(world.bob.name());
        world.bob.says(world.chat, "and behind a reconnect");
        try (Attack _ = world.server.onFrames(
            Lies.message(world.chat, message -> message.toBuilder().setBody(ByteString.copyFromUtf8("plain")).build())
                .only(world.bob.name()))) {
          world.alice.says(world.chat, "sealed");
          world.bob
              .alarmed(new Alarm.MessageRefused(world.chat, world.ledger.lastSeq(world.chat), Fault.UNKNOWN_VERSION));
        }
      }
      assertSealed(world.server.asked(world.bob.name()));
      world.bob.reopens();
      world.bob.says(world.chat, "all is well");
      world.alice.hearsLast(world.chat, "all is well");
      World.shown("called_open", World.name(expected));
    }
  }

  @Test
  void a_new_conversation_is_the_one_that_was_made_and_no_other() throws Exception {
    try (World world = new World(SERVICE)) {
      Person carol = world.person("carol");
      ConversationId crowd = world.alice.conversations().group(world.bob.uid(), carol.uid()).id();
      Alarm expected = new Alarm.RecordRefused(crowd, Fault.WRONG_CONTEXT);
      try (Attack _ = world.server.onFrames(Edit.reply(ClientFrame::hasCreateConversation, frame -> {
        ServerFrame.Builder changed = frame.toBuilder();
        changed.getConversationBuilder().setConversationId(crowd.bytes());
        return changed.build();
      }))) {
        // What is meant for Bob alone would be heard by Carol.
        world.alice.isBlocked(expected, () -> world.alice.conversations().group(world.bob.uid()));
        world.alice.isBlocked(expected, () -> world.alice.conversations().direct(world.bob.uid()));
      }
      EncryptedConversation pair = world.alice.conversations().group(world.bob.uid());
      world.alice.says(pair.id(), "for Bob alone");
      world.bob.hears(pair.id(), "for Bob alone");
      assertEquals(2, pair.members().size());
      World.shown("another_conversation", World.name(expected));
    }
  }

  private static void open(Conversation.Builder shown) {
    shown.setLevel(TrustLevel.TRUST_LEVEL_OPEN).clearGenesis().clearEpochHash();
  }

  private static void assertSealed(List<ClientFrame> asked) {
    Until.holds(SOON, "messages were sent", () -> asked.stream().anyMatch(ClientFrame::hasSend));
    asked.stream().filter(ClientFrame::hasSend).map(frame -> frame.getSend().getBody())
        .forEach(body -> assertTrue(Envelope.read(body) instanceof Reading.Read));
  }
}
