// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.client.Client;
import io.e2relay.client.e2ee.Alarm;
import io.e2relay.client.e2ee.Conversations;
import io.e2relay.client.e2ee.EncryptedConversation;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Member;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.Role;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A server that wants one more reader, or one less, when an open conversation goes on encrypted.
final class UpgradeAttackIT {
  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void a_member_whom_the_server_adds_during_an_upgrade_gets_no_key() throws Exception {
    try (World world = World.ofStrangers(SERVICE);
        Client plain = world.server.relay().connect(SERVICE.token(world.alice.name()))) {
      var open = plain.createConversation(world.bob.uid());
      Set<Uid> members = Set.of(world.alice.uid(), world.bob.uid());
      Impostor stranger = world.stranger();
      Member member = Member.newBuilder().setUid(stranger.uid().bytes()).setRole(Role.ROLE_MEMBER)
          .setState(MemberState.MEMBER_STATE_ACTIVE).build();
      Alarm added = new Alarm.MembersDiffer(open.id(), Set.of(stranger.uid()), Set.of());
      try (Attack _ = world.server.onFrames(Lies.account(stranger.uid(), List.of(stranger.account().record().bytes())));
          Attack _ = world.server.onFrames(Lies.conversation(open.id(), shown -> shown.addMembers(member)))) {
        world.alice.isBlocked(added, () -> upgrade(world, open.id(), members));
      }
      Alarm missing = new Alarm.MembersDiffer(open.id(), Set.of(), Set.of(world.bob.uid()));
      try (Attack _ = world.server.onFrames(Lies.conversation(open.id(), shown -> {
        List<Member> others = shown.getMembersList().stream()
            .filter(one -> !one.getUid().equals(world.bob.uid().bytes())).toList();
        shown.clearMembers().addAllMembers(others);
      }))) {
        world.alice.isBlocked(missing, () -> upgrade(world, open.id(), members));
      }
      world.alice.alarmed(missing);
      assertEquals(List.of(added, missing), world.alice.alarms());
      assertEquals(0,
          world.server.asked(world.alice.name()).stream().filter(ClientFrame::hasUpgradeConversation).count());
      EncryptedConversation chat = upgrade(world, open.id(), members);
      chat.send("among us");
      world.bob.hears(chat.id(), "among us");
      world.assertNothingLeftFor(stranger.uid());
      World.shown("member_added_during_an_upgrade", World.name(added));
    }
  }

  private static EncryptedConversation upgrade(World world, ConversationId open, Set<Uid> members) {
    return world.alice.conversations().upgrade(open, members, Conversations.USUAL);
  }
}
