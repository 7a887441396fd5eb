// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.RefusedException;
import io.e2relay.client.crypto.ConversationMaker;
import io.e2relay.client.crypto.MadeEpoch;
import io.e2relay.client.crypto.MessageMaker;
import io.e2relay.client.crypto.RosterMember;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.Member;
import io.e2relay.protocol.wire.Role;
import io.e2relay.protocol.wire.TrustLevel;
import io.e2relay.protocol.wire.UpgradeConversation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Begins conversations. The id is the hash of what they are for good, so the service can answer with no other one of
/// its own making.
final class Founding {
  private final Station station;
  private final Function<ConversationId, EncryptedConversation> conversations;

  Founding(Station station, Function<ConversationId, EncryptedConversation> conversations) {
    this.station = station;
    this.conversations = conversations;
  }

  EncryptedConversation direct(Uid other) {
    Map<Uid, RosterRole> two = Map.of(station.own().uid(), RosterRole.ADMIN, other, RosterRole.ADMIN);
    EncryptedConversation conversation = create(ConversationType.DIRECT, Conversations.USUAL, two);
    // An older one may be the answer. It is verified like any other, and is the one of these two or none at all.
    Set<Uid> members = conversation.book().current().statement().roster().stream().map(RosterEntry::uid)
        .collect(Collectors.toSet());
    if (conversation.genesis().statement().type() != ConversationType.DIRECT || !members.equals(two.keySet())) {
      throw another(conversation.id());
    }
    return conversation;
  }

  EncryptedConversation group(Policy policy, List<Uid> members) {
    Map<Uid, RosterRole> roles = new HashMap<>();
    members.forEach(uid -> roles.put(uid, RosterRole.MEMBER));
    roles.put(station.own().uid(), RosterRole.ADMIN);
    return create(ConversationType.GROUP, policy, roles);
  }

  /// For exactly these members: nobody gets a key because only the service says that they are in it.
  EncryptedConversation upgrade(ConversationId open, Set<Uid> members, Policy policy) {
    return untilKeysAreFresh(() -> {
      Map<Uid, RosterRole> roles = station.shown(open).getMembersList().stream()
          .collect(Collectors.toMap(member -> new Uid(member.getUid()), Founding::role));
      if (!roles.keySet().equals(members)) {
        throw blocked(
            new Alarm.MembersDiffer(open, without(roles.keySet(), members), without(members, roles.keySet())));
      }
      MadeEpoch made = made(new ConversationMaker.Settings(ConversationType.GROUP, policy, 0, open), roles);
      var answer = station.ask(ClientFrame.newBuilder()
          .setUpgradeConversation(UpgradeConversation.newBuilder().setConversationId(open.bytes())
              .setGenesis(made.chain().genesis().bytes()).setRecord(made.record().bytes())
              .addAllWraps(Rotation.wraps(made))));
      return taken(made, answer.getConversation().getConversationId());
    });
  }

  private EncryptedConversation create(ConversationType type, Policy policy, Map<Uid, RosterRole> roles) {
    ByteString requestId = MessageMaker.newId().bytes();
    return untilKeysAreFresh(() -> {
      var settings = new ConversationMaker.Settings(type, policy, 0, GenesisStatement.NO_PREDECESSOR);
      MadeEpoch made = made(settings, roles);
      var answer = station.ask(ClientFrame.newBuilder()
          .setCreateConversation(CreateConversation.newBuilder().setRequestId(requestId)
              .setLevel(TrustLevel.TRUST_LEVEL_E2EE).setGenesis(made.chain().genesis().bytes())
              .setRecord(made.record().bytes()).addAllWraps(Rotation.wraps(made))));
      return taken(made, answer.getConversation().getConversationId());
    });
  }

  private MadeEpoch made(ConversationMaker.Settings settings, Map<Uid, RosterRole> roles) {
    station.contacts().look(roles.keySet());
    List<RosterMember> roster = new ArrayList<>();
    roles.forEach((uid, role) -> roster.add(new RosterMember(uid, role,
        station.contacts().newest(uid).isPresent() ? RosterState.ACTIVE : RosterState.PENDING)));
    return station.maker().begin(settings, roster, station.clock().millis());
  }

  /// A direct conversation may be there already. In the place of every other there is none but the one that was made:
  /// what is meant for its members would be said to others.
  private EncryptedConversation taken(MadeEpoch made, ByteString answered) {
    ConversationId id = new ConversationId(answered);
    boolean asMade = id.equals(made.record().statement().conversation());
    if (!asMade && made.chain().genesis().statement().type() != ConversationType.DIRECT) {
      throw another(id);
    }
    EncryptedConversation conversation = conversations.apply(id);
    if (asMade) {
      conversation.adopt(made);
    } else {
      conversation.open();
      conversation.presence().assess();
    }
    return conversation;
  }

  private static Set<Uid> without(Set<Uid> some, Set<Uid> others) {
    return some.stream().filter(uid -> !others.contains(uid)).collect(Collectors.toSet());
  }

  private BlockedException another(ConversationId id) {
    return blocked(new Alarm.RecordRefused(id, Fault.WRONG_CONTEXT));
  }

  private BlockedException blocked(Alarm alarm) {
    station.alarms().raise(alarm);
    return new BlockedException(alarm);
  }

  private EncryptedConversation untilKeysAreFresh(Supplier<EncryptedConversation> attempt) {
    Patience patience = new Patience();
    while (true) {
      try {
        return attempt.get();
      } catch (RefusedException e) {
        boolean moved = e.is(ErrorCode.STALE_KEYS) || e.is(ErrorCode.ROSTER_MISMATCH);
        if (!moved || !patience.again()) {
          throw e;
        }
      }
    }
  }

  private static RosterRole role(Member member) {
    return member.getRole() == Role.ROLE_ADMIN ? RosterRole.ADMIN : RosterRole.MEMBER;
  }
}
