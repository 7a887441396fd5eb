// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.conversation.ActiveRoster;
import io.e2relay.keyservice.conversation.Conversations;
import io.e2relay.keyservice.conversation.Listing;
import io.e2relay.keyservice.conversation.Outcome;
import io.e2relay.keyservice.conversation.SignIn;
import io.e2relay.keyservice.conversation.Standing;
import io.e2relay.keyservice.conversation.View;
import io.e2relay.keyservice.database.Unavailable;
import io.e2relay.keyservice.membership.Creation;
import io.e2relay.keyservice.membership.Proof;
import io.e2relay.keyservice.membership.Request;
import io.e2relay.protocol.bus.wire.AddCall;
import io.e2relay.protocol.bus.wire.ConversationReply;
import io.e2relay.protocol.bus.wire.CreateCall;
import io.e2relay.protocol.bus.wire.GetCall;
import io.e2relay.protocol.bus.wire.JoinCall;
import io.e2relay.protocol.bus.wire.LeaveCall;
import io.e2relay.protocol.bus.wire.ListCall;
import io.e2relay.protocol.bus.wire.ListReply;
import io.e2relay.protocol.bus.wire.MembershipCall;
import io.e2relay.protocol.bus.wire.MembershipReply;
import io.e2relay.protocol.bus.wire.RemoveCall;
import io.e2relay.protocol.bus.wire.RosterCall;
import io.e2relay.protocol.bus.wire.RosterReply;
import io.e2relay.protocol.bus.wire.SignInCall;
import io.e2relay.protocol.bus.wire.SignInReply;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.TrustLevel;
import java.security.SecureRandom;

/// One question in, one answer out; and the news of what the answer changed.
///
/// Every method waits for the database and so needs a thread that may.
final class KeyAnswers {
  private static final int LIST_MAX = 100;
  private static final int SIGN_IN_TRIES = 3;

  private final Conversations conversations;
  private final DeviceAnswers devices;
  private final EpochAnswers epochs;
  private final KeyNews news;
  private final SecureRandom random;

  KeyAnswers(Conversations conversations, DeviceAnswers devices, EpochAnswers epochs, KeyNews news,
      SecureRandom random) {
    this.conversations = conversations;
    this.devices = devices;
    this.epochs = epochs;
    this.news = news;
    this.random = random;
  }

  SignInReply signIn(SignInCall call) {
    // PostgreSQL has no place for this character in a text.
    if (!Ask.ids(TenantId.BYTES, call.getTenant()) || !Ask.ids(Uid.BYTES, call.getUid())
        || !Ask.ids(DeviceId.BYTES, call.getDeviceId()) || call.getSubject().isEmpty()
        || call.getSubject().indexOf('\0') >= 0) {
      return Reply.signIn(ErrorCode.MALFORMED);
    }
    TenantId tenant = new TenantId(call.getTenant());
    Uid uid = new Uid(call.getUid());
    if (!Ids.uid(tenant, call.getSubject()).equals(uid)) {
      throw new IllegalStateException("a uid that is not derived from its tenant and subject");
    }
    for (int tried = 0; tried < SIGN_IN_TRIES; tried++) {
      switch (conversations.signIn(tenant, uid, call.getSubject())) {
        case SignIn.Done(long version) -> {
          return devices.signIn(call, version);
        }
        case SignIn.Astray astray ->
          // The service's own doing: nobody proves a device to a tenant that they do not belong to.
          astray.conversations().forEach(id -> change(id, new Request.Leave(uid, Proof.DEVICE)));
      }
    }
    throw new Unavailable("a user who cannot leave another tenant's conversations");
  }

  ConversationReply create(CreateCall call) {
    CreateConversation request = call.getRequest();
    if (request.getLevel() == TrustLevel.TRUST_LEVEL_E2EE) {
      return epochs.create(call);
    }
    boolean wellFormed = Ask.ids(TenantId.BYTES, call.getTenant()) && Ask.ids(Uid.BYTES, call.getCaller())
        && Ask.ids(Uid.BYTES, request.getMembersList()) && Ask.ids(Creation.REQUEST_ID_BYTES, request.getRequestId())
        && request.getHistory() != History.UNRECOGNIZED;
    if (!wellFormed) {
      return Reply.conversation(ErrorCode.MALFORMED);
    }
    History history = request.getHistory() == History.HISTORY_UNSPECIFIED ? History.HISTORY_FULL : request.getHistory();
    Creation wish = new Creation(new ConversationId(random(ConversationId.BYTES)),
        new Creation.Terms(new TenantId(call.getTenant()), request.getLevel(), history), new Uid(call.getCaller()),
        Ask.uids(request.getMembersList()), request.getRequestId(),
        request.getJoinByLink() ? random(Creation.LINK_SECRET_BYTES) : ByteString.EMPTY);
    return answer(conversations.create(wish), wish.creator());
  }

  ConversationReply get(GetCall call) {
    if (!Ask.about(call.getConversationId(), call.getCaller())) {
      return Reply.conversation(ErrorCode.MALFORMED);
    }
    Uid caller = new Uid(call.getCaller());
    View view = conversations.view(new ConversationId(call.getConversationId()), caller);
    return view == null ? Reply.conversation(ErrorCode.NOT_A_MEMBER) : Reply.conversation(view, caller);
  }

  ListReply list(ListCall call) {
    boolean first = call.getAfter().isEmpty();
    if (!Ask.ids(Uid.BYTES, call.getCaller()) || (!first && !Ask.ids(ConversationId.BYTES, call.getAfter()))) {
      return Reply.list(ErrorCode.MALFORMED);
    }
    // Unsigned on the wire: what looks negative is very large.
    int limit = call.getLimit() <= 0 ? LIST_MAX : Math.min(call.getLimit(), LIST_MAX);
    Uid caller = new Uid(call.getCaller());
    Listing listing = conversations.list(caller, first ? null : new ConversationId(call.getAfter()), limit);
    return Reply.list(listing, caller);
  }

  ConversationReply add(AddCall call) {
    if (!Ask.about(call.getConversationId(), call.getCaller()) || !Ask.ids(Uid.BYTES, call.getMembersList())) {
      return Reply.conversation(ErrorCode.MALFORMED);
    }
    return change(new ConversationId(call.getConversationId()),
        new Request.Add(new Uid(call.getCaller()), Ask.uids(call.getMembersList()), Proof.of(call.getDeviceProven())));
  }

  ConversationReply remove(RemoveCall call) {
    if (!Ask.about(call.getConversationId(), call.getCaller()) || !Ask.ids(Uid.BYTES, call.getMembersList())) {
      return Reply.conversation(ErrorCode.MALFORMED);
    }
    return change(new ConversationId(call.getConversationId()), new Request.Remove(new Uid(call.getCaller()),
        Ask.uids(call.getMembersList()), random(Creation.LINK_SECRET_BYTES), Proof.of(call.getDeviceProven())));
  }

  ConversationReply leave(LeaveCall call) {
    if (!Ask.about(call.getConversationId(), call.getCaller())) {
      return Reply.conversation(ErrorCode.MALFORMED);
    }
    return change(new ConversationId(call.getConversationId()),
        new Request.Leave(new Uid(call.getCaller()), Proof.of(call.getDeviceProven())));
  }

  ConversationReply join(JoinCall call) {
    if (!Ask.about(call.getConversationId(), call.getCaller()) || !Ask.ids(TenantId.BYTES, call.getTenant())
        || !Ask.ids(Creation.LINK_SECRET_BYTES, call.getLinkSecret())) {
      return Reply.conversation(ErrorCode.MALFORMED);
    }
    return change(new ConversationId(call.getConversationId()),
        new Request.Join(new Uid(call.getCaller()), new TenantId(call.getTenant()), call.getLinkSecret()));
  }

  MembershipReply membership(MembershipCall call) {
    if (!Ask.about(call.getConversationId(), call.getUid())) {
      return Reply.membership(ErrorCode.MALFORMED);
    }
    Standing standing = conversations.standing(new ConversationId(call.getConversationId()), new Uid(call.getUid()));
    return standing == null ? Reply.membership(ErrorCode.NOT_A_MEMBER) : Reply.membership(standing);
  }

  RosterReply roster(RosterCall call) {
    if (!Ask.ids(ConversationId.BYTES, call.getConversationId())) {
      return Reply.roster(ErrorCode.MALFORMED);
    }
    // Unsigned on the wire: what looks negative is an epoch that no conversation has reached.
    ActiveRoster roster = call.getEpoch() < 1
        ? null
        : conversations.roster(new ConversationId(call.getConversationId()), new Epoch(call.getEpoch()));
    return roster == null ? Reply.roster(ErrorCode.NOT_A_MEMBER) : Reply.roster(roster);
  }

  private ConversationReply change(ConversationId id, Request request) {
    return answer(conversations.change(id, request), request.by());
  }

  private ConversationReply answer(Outcome outcome, Uid caller) {
    return switch (outcome) {
      case Outcome.Changed changed -> {
        news.tell(changed.news());
        yield Reply.conversation(changed.now(), caller);
      }
      case Outcome.Unchanged(View now) -> Reply.conversation(now, caller);
      case Outcome.Refused(ErrorCode code) -> Reply.conversation(code);
    };
  }

  private ByteString random(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }
}
