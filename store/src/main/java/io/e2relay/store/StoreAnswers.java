// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.AppendCall;
import io.e2relay.protocol.bus.wire.AppendReply;
import io.e2relay.protocol.bus.wire.CommittedHint;
import io.e2relay.protocol.bus.wire.EpochRange;
import io.e2relay.protocol.bus.wire.Head;
import io.e2relay.protocol.bus.wire.HeadsCall;
import io.e2relay.protocol.bus.wire.HeadsReply;
import io.e2relay.protocol.bus.wire.Probe;
import io.e2relay.protocol.bus.wire.ProbeCall;
import io.e2relay.protocol.bus.wire.ProbeReply;
import io.e2relay.protocol.bus.wire.ReadCall;
import io.e2relay.protocol.bus.wire.ReadReply;
import io.e2relay.protocol.bus.wire.Refusal;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.Page;
import io.e2relay.protocol.wire.Sent;
import io.vertx.core.Future;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is said on the bus, as questions to the log, and the log's answers as what is said on the bus. The one place
/// where a failure becomes UNAVAILABLE.
final class StoreAnswers {
  private static final Logger LOG = LoggerFactory.getLogger(StoreAnswers.class);

  private final Log log;
  private final GroupCommit commits;
  private final StoreConfig config;
  private final StoreMetrics metrics;

  StoreAnswers(Log log, GroupCommit commits, StoreConfig config, StoreMetrics metrics) {
    this.log = log;
    this.commits = commits;
    this.config = config;
    this.metrics = metrics;
  }

  Future<AppendReply> append(AppendCall call) {
    if (!wellFormed(call)) {
      return Future.succeededFuture(unsent(refuse(ErrorCode.MALFORMED)));
    }
    if (call.getBody().size() > config.bodyBytesMax()) {
      return Future.succeededFuture(unsent(refuse(ErrorCode.TOO_LARGE)));
    }
    MessageKey key = new MessageKey(new ConversationId(call.getConversationId()), new DeviceId(call.getDeviceId()),
        new MsgId(call.getMsgId()));
    return commits.append(new Append(key, new Epoch(call.getEpoch()), new Uid(call.getUid()), Body.of(call.getBody())))
        .map(this::reply).otherwise(failure -> unsent(unavailable(failure)));
  }

  private static boolean wellFormed(AppendCall call) {
    // An epoch is unsigned on the wire; what is beyond a long arrives negative.
    return call.getConversationId().size() == ConversationId.BYTES && call.getDeviceId().size() == DeviceId.BYTES
        && call.getMsgId().size() == MsgId.BYTES && call.getUid().size() == Uid.BYTES && call.getEpoch() >= 1;
  }

  private AppendReply reply(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Stored(Place place) -> sent(place, false);
      case Outcome.Duplicate(Place place) -> {
        metrics.duplicate();
        yield sent(place, true);
      }
      case Outcome.Differs _ -> unsent(refuse(ErrorCode.DUPLICATE_DIFFERS));
      case Outcome.Stale(Epoch current) -> unsent(refuse(ErrorCode.STALE_EPOCH, current));
      case Outcome.Closed(Epoch current) -> unsent(refuse(ErrorCode.EPOCH_CLOSED, current));
      case Outcome.Unknown _ -> unsent(refuse(ErrorCode.NOT_A_MEMBER));
    };
  }

  private static AppendReply sent(Place place, boolean duplicate) {
    return AppendReply.newBuilder().setSent(Sent.newBuilder().setSeq(place.seq()).setEpoch(place.epoch().value())
        .setReceivedMs(place.receivedMs()).setDuplicate(duplicate)).build();
  }

  private static AppendReply unsent(Refusal refusal) {
    return AppendReply.newBuilder().setRefusal(refusal).build();
  }

  Future<ReadReply> read(ReadCall call) {
    if (call.getConversationId().size() != ConversationId.BYTES || call.getAfterSeq() < 0) {
      return Future.succeededFuture(unread(refuse(ErrorCode.MALFORMED)));
    }
    Window window = window(call);
    return log.read(window).map(outcome -> switch (outcome) {
      case Log.Run run -> page(Pages.page(window, run));
      case Log.NoLog _ -> unread(refuse(ErrorCode.NOT_A_MEMBER));
    }).otherwise(failure -> unread(unavailable(failure)));
  }

  private Window window(ReadCall call) {
    // Unsigned on the wire: 0 and what is beyond a long mean without end.
    long upto = call.getUptoSeq() > 0 ? call.getUptoSeq() : Long.MAX_VALUE;
    int most = config.pages().entries();
    int entries = call.getLimit() > 0 ? Math.min(call.getLimit(), most) : most;
    List<EpochSpan> readable = call.getReadableList().stream().map(StoreAnswers::span).toList();
    return new Window(new ConversationId(call.getConversationId()), call.getAfterSeq(), upto, readable,
        new Window.Bound(entries, config.pages().bytes()));
  }

  private static EpochSpan span(EpochRange range) {
    return new EpochSpan(range.getFrom(), range.getTo() > 0 ? range.getTo() : Long.MAX_VALUE);
  }

  private ReadReply page(Page page) {
    metrics.read(page.getEntriesCount());
    return ReadReply.newBuilder().setPage(page).build();
  }

  private static ReadReply unread(Refusal refusal) {
    return ReadReply.newBuilder().setRefusal(refusal).build();
  }

  Future<HeadsReply> heads(HeadsCall call) {
    List<ByteString> ids = call.getConversationIdsList();
    if (ids.size() > config.headsMax()) {
      return Future.succeededFuture(HeadsReply.newBuilder().setRefusal(refuse(ErrorCode.LIMIT_EXCEEDED)).build());
    }
    if (ids.stream().anyMatch(id -> id.size() != ConversationId.BYTES)) {
      return Future.succeededFuture(HeadsReply.newBuilder().setRefusal(refuse(ErrorCode.MALFORMED)).build());
    }
    return log.heads(ids.stream().map(ConversationId::new).toList())
        .map(heads -> HeadsReply.newBuilder().addAllHeads(heads.stream().map(StoreAnswers::head).toList()).build())
        .otherwise(failure -> HeadsReply.newBuilder().setRefusal(unavailable(failure)).build());
  }

  private static Head head(HeadState state) {
    return Head.newBuilder().setConversationId(state.conversation().bytes()).setEpoch(state.epoch().value())
        .setOpen(state.open()).setLastSeq(state.lastSeq()).build();
  }

  Future<ProbeReply> probe(ProbeCall call) {
    return log.durable()
        .map(durable -> ProbeReply.newBuilder().setProbe(Probe.newBuilder().setDurable(durable)).build())
        .otherwise(failure -> ProbeReply.newBuilder().setRefusal(unavailable(failure)).build());
  }

  /// The news of a commit, for the relays.
  static CommittedHint committed(List<GroupCommit.Committed> news) {
    CommittedHint.Builder hint = CommittedHint.newBuilder();
    for (GroupCommit.Committed one : news) {
      Append append = one.append();
      hint.addEntries(Pages.message(append.conversation().bytes(), one.place(),
          new LogEntry.Said(append.uid(), append.key().device(), append.key().message(), append.body().bytes())));
    }
    return hint.build();
  }

  private Refusal refuse(ErrorCode code) {
    metrics.refused(code);
    return code.refusal();
  }

  private Refusal refuse(ErrorCode code, Epoch current) {
    return refuse(code).toBuilder().setCurrentEpoch(current.value()).build();
  }

  private Refusal unavailable(Throwable failure) {
    if (!(failure instanceof Unavailable)) {
      LOG.warn("the log failed: {}", failure.getClass().getSimpleName());
    }
    return refuse(ErrorCode.UNAVAILABLE);
  }
}
