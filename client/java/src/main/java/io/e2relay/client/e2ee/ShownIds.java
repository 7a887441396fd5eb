// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.Member;
import java.util.List;
import java.util.Optional;

/// Takes the ids that the service names. One of another length names nobody: it is an alarm, is left out, and stops
/// nothing else.
record ShownIds(AlarmBell alarms) {
  Optional<Uid> uid(ByteString bytes) {
    return of(bytes, Uid.BYTES, Alarm.IdRefused.Kind.USER) ? Optional.of(new Uid(bytes)) : Optional.empty();
  }

  Optional<ConversationId> conversation(ByteString bytes) {
    return of(bytes, ConversationId.BYTES, Alarm.IdRefused.Kind.CONVERSATION)
        ? Optional.of(new ConversationId(bytes))
        : Optional.empty();
  }

  /// The conversation without members that are nobody.
  Conversation withMembers(Conversation shown) {
    List<Member> members = shown.getMembersList().stream().filter(member -> uid(member.getUid()).isPresent()).toList();
    return members.size() == shown.getMembersCount()
        ? shown
        : shown.toBuilder().clearMembers().addAllMembers(members).build();
  }

  private boolean of(ByteString bytes, int length, Alarm.IdRefused.Kind kind) {
    if (bytes.size() != length) {
      alarms.raise(new Alarm.IdRefused(kind, bytes.size()));
    }
    return bytes.size() == length;
  }
}
