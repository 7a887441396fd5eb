// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.AppendCall;
import io.e2relay.protocol.bus.wire.AppendReply;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.wire.Error;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.ServerFrame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The messages of one connection to one conversation, in the order in which they were sent.
///
/// Of an open conversation many may be on their way to the store at once, which keeps their order. When one comes back
/// because the epoch had moved on, nothing more leaves until all are back; then they go again, in order, under the new
/// epoch.
///
/// Of an encrypted conversation one is on its way at a time: each names the one before, so none may be stored after one
/// that was not.
final class SendLane {
  private static final AppendReply FORGED = AppendReply.newBuilder()
      .setRefusal(ErrorCode.RECORD_REFUSED.refusal().toBuilder().setFault(Fault.BAD_SIGNATURE.name())).build();

  /// The seq is that of a sealed message once it was looked at.
  private record Pending(long id, long order, Send send, long seq, boolean retried) {
  }

  private final ByteString conversation;
  private final Identity sender;
  private final DeviceOrder order;
  private final Deque<Pending> waiting = new ArrayDeque<>();
  private final Map<Long, Pending> flying = new HashMap<>();
  private final List<Pending> stale = new ArrayList<>();
  private boolean placing;
  private boolean open;
  private boolean sealed;
  private long epochAtLeast;
  private long orders;

  SendLane(ByteString conversation, Identity sender, DeviceOrder order) {
    this.conversation = conversation;
    this.sender = sender;
    this.order = order;
    this.sealed = order.begun();
  }

  int size() {
    return waiting.size() + flying.size() + stale.size();
  }

  DeviceOrder order() {
    return order;
  }

  List<Effect> offer(long id, Send send) {
    waiting.add(new Pending(id, orders++, send, 0, false));
    return advance(new ArrayList<>());
  }

  List<Effect> placed(Placed placed) {
    placing = false;
    List<Effect> effects = new ArrayList<>();
    if (!stale.isEmpty()) {
      return effects;
    }
    if (isOutrun(placed)) {
      return advance(effects);
    }
    switch (placed) {
      case Placed.Open(var epoch) -> {
        open = true;
        sealed = false;
        for (Pending pending : takeCovered()) {
          flying.put(pending.id(), pending);
          effects.add(new Effect.Append(pending.id(), call(pending.send(), epoch)));
        }
      }
      case Placed.Sealed in -> {
        sealed = true;
        sendNext(in, effects);
      }
      case Placed.Out out -> passOver(Frames.error(out.code(), 0, out.currentEpoch()), effects);
    }
    return advance(effects);
  }

  List<Effect> placeFailed() {
    placing = false;
    List<Effect> effects = new ArrayList<>();
    if (stale.isEmpty()) {
      passOver(Frames.error(ErrorCode.UNAVAILABLE), effects);
    }
    return advance(effects);
  }

  /// Refused before it came here.
  void passedOver(Send send) {
    order.passedOver(send);
  }

  /// The signature is not that of the device.
  List<Effect> forged(long id) {
    return appended(id, FORGED);
  }

  List<Effect> appended(long id, AppendReply reply) {
    Pending pending = flying.remove(id);
    List<Effect> effects = new ArrayList<>();
    if (pending == null) {
      return effects;
    }
    switch (reply.getOutcomeCase()) {
      case SENT -> {
        order.stored(pending.seq());
        effects.add(new Effect.Reply(ServerFrame.newBuilder().setReplyTo(id).setSent(reply.getSent()).build()));
      }
      case REFUSAL -> {
        long current = reply.getRefusal().getCurrentEpoch();
        epochAtLeast = Math.max(epochAtLeast, current);
        if (ErrorCode.of(reply.getRefusal()) == ErrorCode.STALE_EPOCH && mayRetry(pending)) {
          stale.add(new Pending(id, pending.order(), pending.send(), 0, true));
        } else {
          refuse(List.of(pending), Frames.error(reply.getRefusal()), effects);
        }
      }
      case OUTCOME_NOT_SET -> refuse(List.of(pending), Frames.error(ErrorCode.UNAVAILABLE), effects);
    }
    return settle(effects);
  }

  List<Effect> appendFailed(long id) {
    Pending pending = flying.remove(id);
    List<Effect> effects = new ArrayList<>();
    if (pending != null) {
      refuse(List.of(pending), Frames.error(ErrorCode.UNAVAILABLE), effects);
    }
    return settle(effects);
  }

  /// Whether a message came back with a newer epoch while this was being found out.
  private boolean isOutrun(Placed placed) {
    Pending next = waiting.peek();
    return next != null && next.send().getEpoch() == 0 && placed instanceof Placed.Open(var epoch)
        && epoch < epochAtLeast;
  }

  /// Only the service's own choice of epoch may be corrected by the service, and only where no key depends on it.
  private boolean mayRetry(Pending pending) {
    return open && pending.send().getEpoch() == 0 && !pending.retried();
  }

  private List<Effect> settle(List<Effect> effects) {
    if (!stale.isEmpty() && flying.isEmpty()) {
      stale.sort(Comparator.comparingLong(Pending::order));
      stale.reversed().forEach(waiting::addFirst);
      stale.clear();
    }
    return advance(effects);
  }

  private List<Effect> advance(List<Effect> effects) {
    Pending next = waiting.peek();
    if (!placing && stale.isEmpty() && next != null && !(sealed && !flying.isEmpty())) {
      placing = true;
      effects.add(new Effect.Place(conversation, next.send().getEpoch(), epochAtLeast));
    }
    return effects;
  }

  /// The placement was asked for the first that waits; it holds for all behind it that want the same epoch.
  private List<Pending> takeCovered() {
    List<Pending> covered = new ArrayList<>();
    Pending first = waiting.peek();
    for (Pending next = first; first != null && next != null
        && next.send().getEpoch() == first.send().getEpoch(); next = waiting.peek()) {
      covered.add(waiting.remove());
    }
    return covered;
  }

  /// Sends the first of those that wait for this epoch and may go; those before it are refused.
  private void sendNext(Placed.Sealed in, List<Effect> effects) {
    for (Pending next = waiting.peek(); next != null && flying.isEmpty()
        && (next.send().getEpoch() == in.epoch() || next.send().getEpoch() == 0); next = waiting.peek()) {
      Pending pending = waiting.remove();
      switch (EnvelopeRule.judge(pending.send(), sender)) {
        case EnvelopeRule.Finding.Refused(var code) -> {
          order.passedOver(pending.send());
          refuse(List.of(pending), Frames.error(code), effects);
        }
        case EnvelopeRule.Finding.Fits(var envelope) when !order.admits(envelope.header().seq()) ->
          refuse(List.of(pending), Frames.error(ErrorCode.OUT_OF_ORDER), effects);
        case EnvelopeRule.Finding.Fits(var envelope) -> {
          flying.put(pending.id(),
              new Pending(pending.id(), pending.order(), pending.send(), envelope.header().seq(), false));
          effects.add(new Effect.AppendSealed(pending.id(), call(pending.send(), in.epoch()),
              new Signed(envelope, in.epochHash(), sender.deviceKey())));
        }
      }
    }
  }

  private void passOver(Error error, List<Effect> effects) {
    List<Pending> refused = takeCovered();
    refused.forEach(pending -> order.passedOver(pending.send()));
    refuse(refused, error, effects);
  }

  private void refuse(List<Pending> refused, Error error, List<Effect> effects) {
    for (Pending pending : refused) {
      if (sealed || order.begun()) {
        effects.add(new Effect.CountRefused(error.getCode()));
      }
      effects.add(new Effect.Reply(Frames.reply(pending.id(), error)));
    }
  }

  private AppendCall call(Send send, long epoch) {
    return AppendCall.newBuilder().setConversationId(conversation).setEpoch(epoch).setUid(sender.uid())
        .setDeviceId(sender.device()).setMsgId(send.getMsgId()).setBody(send.getBody()).build();
  }
}
