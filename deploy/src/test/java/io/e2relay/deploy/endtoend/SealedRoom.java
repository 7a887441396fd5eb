// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.ChainPlace;
import io.e2relay.client.crypto.ConversationMaker;
import io.e2relay.client.crypto.MadeEpoch;
import io.e2relay.client.crypto.MessageMaker;
import io.e2relay.client.crypto.RosterMember;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.GetEpochs;
import io.e2relay.protocol.wire.GetWraps;
import io.e2relay.protocol.wire.PutEpoch;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.Subscribe;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.List;

/// An encrypted conversation as its creator knows it, and the requests that belong to it.
final class SealedRoom {
  private static final ConversationMaker.Settings GROUP = new ConversationMaker.Settings(ConversationType.GROUP,
      new Policy(HistoryPolicy.FULL, AddPolicy.ANY_MEMBER, RewrapPolicy.HISTORY), 0,
      new ConversationId(ByteString.copyFrom(new byte[ConversationId.BYTES])));

  private final KeyHolder creator;
  private final List<KeyHolder> known;
  private MadeEpoch epoch;

  /// Made, and not yet told to anybody.
  SealedRoom(KeyHolder creator, List<KeyHolder> known, List<RosterMember> roster) {
    this.creator = creator;
    this.known = known;
    this.epoch = creator.maker(known).begin(GROUP, roster, System.currentTimeMillis());
  }

  MadeEpoch epoch() {
    return epoch;
  }

  ByteString id() {
    return epoch.record().statement().conversation().bytes();
  }

  ClientFrame.Builder create() {
    return ClientFrame.newBuilder()
        .setCreateConversation(CreateConversation.newBuilder().setRequestId(RawSocket.random(16))
            .setLevel(TrustLevel.TRUST_LEVEL_E2EE).setGenesis(epoch.chain().genesis().bytes())
            .setRecord(epoch.record().bytes()).addAllWraps(wraps(epoch)));
  }

  /// The next epoch, made by its creator; from now on it is this room's.
  ClientFrame.Builder next(EpochReason reason, List<RosterMember> roster) {
    epoch = creator.maker(known).next(epoch.chain(), epoch.key(), reason, roster, System.currentTimeMillis());
    return put(epoch);
  }

  static ClientFrame.Builder put(MadeEpoch made) {
    return ClientFrame.newBuilder()
        .setPutEpoch(PutEpoch.newBuilder().setConversationId(made.record().statement().conversation().bytes())
            .setRecord(made.record().bytes()).addAllWraps(wraps(made)));
  }

  MessageMaker messages(KeyHolder sender) {
    return new MessageMaker(sender.uid(), sender.phone, epoch.record(), epoch.key());
  }

  /// A message of that number; what it says is no matter here.
  Envelope message(KeyHolder sender, long seq) {
    return messages(sender).content(place(seq), MessageMaker.newId(), 0, ByteString.copyFromUtf8("message " + seq));
  }

  Envelope tombstone(KeyHolder sender, long seq, MsgId target) {
    return messages(sender).tombstone(place(seq), MessageMaker.newId(), target);
  }

  static ClientFrame.Builder send(Envelope envelope) {
    MessageHeader header = envelope.header();
    return ClientFrame.newBuilder().setSend(Send.newBuilder().setConversationId(header.conversation().bytes())
        .setMsgId(header.msgId().bytes()).setEpoch(header.epoch().value()).setBody(envelope.bytes()));
  }

  ClientFrame.Builder fetch() {
    return ClientFrame.newBuilder().setFetch(Fetch.newBuilder().setConversationId(id()));
  }

  ClientFrame.Builder subscribe() {
    return ClientFrame.newBuilder()
        .setSubscribe(Subscribe.newBuilder().addCursors(Cursor.newBuilder().setConversationId(id())));
  }

  ClientFrame.Builder getWraps() {
    return ClientFrame.newBuilder().setGetWraps(GetWraps.newBuilder().setConversationId(id()));
  }

  ClientFrame.Builder getEpochs() {
    return ClientFrame.newBuilder().setGetEpochs(GetEpochs.newBuilder().setConversationId(id()));
  }

  private static ChainPlace place(long seq) {
    return seq == 1 ? ChainPlace.FIRST : new ChainPlace(seq, new Hash(RawSocket.random(32)));
  }

  private static List<ByteString> wraps(MadeEpoch made) {
    return made.record().statement().roster().stream().filter(RosterEntry::active)
        .map(entry -> made.wrapFor(entry.uid())).toList();
  }
}
