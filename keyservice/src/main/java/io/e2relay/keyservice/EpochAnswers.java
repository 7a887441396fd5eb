// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.conversation.News;
import io.e2relay.keyservice.conversation.Outcome;
import io.e2relay.keyservice.conversation.View;
import io.e2relay.keyservice.epoch.Author;
import io.e2relay.keyservice.epoch.EpochPut;
import io.e2relay.keyservice.epoch.Epochs;
import io.e2relay.keyservice.epoch.Foundation;
import io.e2relay.keyservice.epoch.Founding;
import io.e2relay.keyservice.epoch.Objection;
import io.e2relay.keyservice.epoch.Opening;
import io.e2relay.keyservice.epoch.Sealed;
import io.e2relay.keyservice.membership.Creation;
import io.e2relay.protocol.bus.wire.ConversationReply;
import io.e2relay.protocol.bus.wire.CreateCall;
import io.e2relay.protocol.bus.wire.GetEpochsCall;
import io.e2relay.protocol.bus.wire.GetEpochsReply;
import io.e2relay.protocol.bus.wire.GetWrapsCall;
import io.e2relay.protocol.bus.wire.GetWrapsReply;
import io.e2relay.protocol.bus.wire.PutEpochCall;
import io.e2relay.protocol.bus.wire.PutEpochReply;
import io.e2relay.protocol.bus.wire.UpgradeCall;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.PutEpoch;
import io.e2relay.protocol.wire.UpgradeConversation;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;

/// Answers about encrypted conversations: the records of their epochs, and their keys as they were wrapped.
///
/// Every method waits for the database and so needs a thread that may.
final class EpochAnswers {
  private final Epochs epochs;
  private final KeyNews news;
  private final InstantSource clock;

  EpochAnswers(Epochs epochs, KeyNews news, InstantSource clock) {
    this.epochs = epochs;
    this.news = news;
    this.clock = clock;
  }

  /// Asked for an encrypted conversation.
  ConversationReply create(CreateCall call) {
    CreateConversation request = call.getRequest();
    if (!isAuthor(call.getTenant(), call.getCaller(), call.getDeviceId())
        || !Ask.ids(Creation.REQUEST_ID_BYTES, request.getRequestId())) {
      return Reply.conversation(ErrorCode.MALFORMED);
    }
    // The record says who is in it, and nobody comes in without one.
    if (request.getMembersCount() > 0 || request.getJoinByLink()) {
      return Reply.conversation(ErrorCode.NOT_ALLOWED);
    }
    Author by = author(call.getTenant(), call.getCaller(), call.getDeviceId());
    return founded(by, new Papers(request.getGenesis(), request.getRecord(), request.getWrapsList()),
        wish -> epochs.found(wish, request.getRequestId(), clock.millis()));
  }

  ConversationReply upgrade(UpgradeCall call) {
    UpgradeConversation request = call.getRequest();
    if (!isAuthor(call.getTenant(), call.getCaller(), call.getDeviceId())
        || !Ask.ids(ConversationId.BYTES, request.getConversationId())) {
      return Reply.conversation(ErrorCode.MALFORMED);
    }
    Author by = author(call.getTenant(), call.getCaller(), call.getDeviceId());
    return founded(by, new Papers(request.getGenesis(), request.getRecord(), request.getWrapsList()),
        wish -> epochs.upgrade(new ConversationId(request.getConversationId()), wish, clock.millis()));
  }

  PutEpochReply put(PutEpochCall call) {
    PutEpoch request = call.getRequest();
    if (!isAuthor(call.getTenant(), call.getCaller(), call.getDeviceId())
        || !Ask.ids(ConversationId.BYTES, request.getConversationId())) {
      return Reply.put(ErrorCode.MALFORMED);
    }
    Author by = author(call.getTenant(), call.getCaller(), call.getDeviceId());
    return switch (EpochRecord.read(request.getRecord())) {
      case Reading.Unreadable<EpochRecord>(Fault fault) -> Reply.put(Objection.of(fault));
      case Reading.Read<EpochRecord>(EpochRecord record) -> put(new EpochPut(by,
          new ConversationId(request.getConversationId()), new Sealed(record, request.getWrapsList())));
    };
  }

  GetEpochsReply records(GetEpochsCall call) {
    if (!Ask.about(call.getRequest().getConversationId(), call.getCaller())) {
      return Reply.epochs(ErrorCode.MALFORMED);
    }
    ConversationId id = new ConversationId(call.getRequest().getConversationId());
    return Reply.epochs(id, epochs.records(id, new Uid(call.getCaller()), call.getRequest().getAfterEpoch()));
  }

  GetWrapsReply wraps(GetWrapsCall call) {
    if (!Ask.about(call.getRequest().getConversationId(), call.getCaller())) {
      return Reply.keyring(ErrorCode.MALFORMED);
    }
    return Reply.keyring(epochs.wraps(new ConversationId(call.getRequest().getConversationId()),
        new Uid(call.getCaller()), call.getRequest().getAfterEpoch()));
  }

  private PutEpochReply put(EpochPut put) {
    return switch (epochs.put(put, clock.millis())) {
      case Opening.Opened(Epoch epoch, News told) -> {
        news.tell(told);
        yield Reply.put(epoch, new Outcome.LogEntry(told.control().getSeq(), told.control().getReceivedMs()), false);
      }
      case Opening.Before(Epoch epoch, Outcome.LogEntry entry) -> Reply.put(epoch, entry, true);
      case Opening.Refused(Objection why) -> Reply.put(why);
    };
  }

  /// The bytes that a conversation begins with.
  private record Papers(ByteString genesis, ByteString record, List<ByteString> wraps) {
  }

  private ConversationReply founded(Author by, Papers papers, Function<Foundation, Founding> make) {
    if (papers.genesis().isEmpty() || papers.record().isEmpty()) {
      return Reply.conversation(ErrorCode.RECORD_REQUIRED);
    }
    return switch (Genesis.read(papers.genesis())) {
      case Reading.Unreadable<Genesis>(Fault fault) -> Reply.conversation(Objection.of(fault));
      case Reading.Read<Genesis>(Genesis genesis) -> switch (EpochRecord.read(papers.record())) {
        case Reading.Unreadable<EpochRecord>(Fault fault) -> Reply.conversation(Objection.of(fault));
        case Reading.Read<EpochRecord>(EpochRecord first) ->
          answer(make.apply(new Foundation(by, genesis, new Sealed(first, papers.wraps()))), by.uid());
      };
    };
  }

  private ConversationReply answer(Founding founding, Uid caller) {
    return switch (founding) {
      case Founding.Founded(View now, List<News> all) -> {
        all.forEach(news::tell);
        yield Reply.conversation(now, caller);
      }
      case Founding.Found(View now) -> Reply.conversation(now, caller);
      case Founding.Refused(Objection why) -> Reply.conversation(why);
    };
  }

  private static boolean isAuthor(ByteString tenant, ByteString caller, ByteString device) {
    return Ask.ids(TenantId.BYTES, tenant) && Ask.ids(Uid.BYTES, caller) && Ask.ids(DeviceId.BYTES, device);
  }

  private static Author author(ByteString tenant, ByteString caller, ByteString device) {
    return new Author(new TenantId(tenant), new Uid(caller), new DeviceId(device));
  }
}
