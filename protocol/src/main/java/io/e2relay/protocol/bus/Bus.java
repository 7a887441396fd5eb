// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import com.google.protobuf.Message;
import io.e2relay.protocol.bus.wire.AppendCall;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The event bus, typed: protobuf messages in, protobuf messages out, one codec.
///
/// An answer that says no carries a refusal. A failed future means that nothing is known: no handler, no answer
/// in time, or a handler that failed; callers treat the three alike.
///
/// Who is on this node is spoken to on this node. Between nodes a question goes to one that plays the role, and news to
/// all that have relays; for that each node has two addresses, however many users it serves.
public final class Bus {
  private static final int HANDLER_FAILED = 1;

  private final EventBus eventBus;
  private final DeliveryOptions here;
  private final @Nullable Between between;

  private Bus(EventBus eventBus, Duration timeout, @Nullable Between between) {
    this.eventBus = eventBus;
    this.here = options(timeout).setLocalOnly(true);
    this.between = between;
  }

  /// The bus of a node that is alone. Questions wait for their answer no longer than the timeout.
  public static Bus of(Vertx vertx, Duration timeout) {
    return new Bus(withCodec(vertx), timeout, null);
  }

  /// This node among others, and whom it tells of what was committed here.
  ///
  /// @param broadcastMax up to so many nodes with relays, all of them
  /// @param targets knows whom otherwise
  public record Place(Peer self, int broadcastMax, Targets targets) {
  }

  /// The bus of a node among others; complete when others can reach it.
  public static Future<Bus> among(Vertx vertx, Duration timeout, Place place, LinkEvents events) {
    EventBus eventBus = withCodec(vertx);
    DeliveryOptions away = options(timeout);
    DeliveryOptions local = options(timeout).setLocalOnly(true);
    Between.Ways ways = new Between.Ways(
        (address, question) -> eventBus.<Message>request(address, question, away).map(reply -> reply.body()),
        (address, question) -> eventBus.<Message>request(address, question, local).map(reply -> reply.body()),
        (address, news) -> eventBus.publish(address, news, local), (address, handler) -> {
          MessageConsumer<Message> consumer = eventBus.consumer(address);
          consumer.handler(message -> handler.apply(message.body()).onComplete(answer -> message.reply(answer, away),
              _ -> message.fail(HANDLER_FAILED, "failed")));
          return consumer.completion().map(consumer::unregister);
        });
    Between between = new Between(vertx, place, ways, events);
    return between.open().map(_ -> new Bus(eventBus, timeout, between));
  }

  private static EventBus withCodec(Vertx vertx) {
    EventBus eventBus = vertx.eventBus();
    synchronized (Bus.class) {
      if (!MessageCodec.registered(vertx)) {
        eventBus.registerCodec(new MessageCodec());
      }
    }
    return eventBus;
  }

  private static DeliveryOptions options(Duration timeout) {
    return new DeliveryOptions().setCodecName(MessageCodec.NAME).setSendTimeout(timeout.toMillis());
  }

  /// What the list of nodes says now, this node itself included or not.
  public void listed(List<Peer> nodes) {
    if (between != null) {
      between.listed(nodes);
    }
  }

  /// Whether there are so many nodes that only those are told of a message that have listeners.
  public boolean isCrowded() {
    return between != null && between.isCrowded();
  }

  public <Q extends Message, A extends Message> Future<A> ask(Call<Q, A> call, Q question) {
    if (between == null || between.plays(call.role())) {
      return askHere(call, question);
    }
    return question instanceof AppendCall append
        ? between.askHeld(call, question, append.getConversationId())
        : between.askAny(call, question);
  }

  /// Asks every node that plays the role, this one included. Yields how many of them have not answered by then.
  public <Q extends Message, A extends Message> Future<Integer> askAll(Call<Q, A> call, Q question, Duration within) {
    List<Future<A>> asked = new ArrayList<>();
    if (between == null) {
      asked.add(askHere(call, question));
    } else {
      if (between.plays(call.role())) {
        asked.add(askHere(call, question));
      }
      asked.addAll(between.askEach(call, question));
    }
    List<Future<Integer>> silent = asked.stream()
        .map(one -> one.timeout(within.toMillis(), TimeUnit.MILLISECONDS).map(0).otherwise(1)).toList();
    return Future.all(silent).map(all -> all.<Integer>list().stream().mapToInt(Integer::intValue).sum());
  }

  private <Q extends Message, A extends Message> Future<A> askHere(Call<Q, A> call, Q question) {
    return eventBus.<A>request(call.address(), question, here).map(reply -> call.answer().cast(reply.body()));
  }

  /// Answers the call on the context of the caller of this method, until the registration is unregistered.
  public <Q extends Message, A extends Message> Future<Registration> answer(Call<Q, A> call,
      Function<Q, Future<A>> handler) {
    MessageConsumer<Q> consumer = eventBus.localConsumer(call.address());
    consumer.handler(message -> {
      Future<A> pending;
      try {
        pending = handler.apply(call.question().cast(message.body()));
      } catch (RuntimeException bug) {
        // Or the caller would wait for its timeout; the bug itself goes where all bugs go.
        message.fail(HANDLER_FAILED, "failed");
        throw bug;
      }
      pending.onComplete(answer -> message.reply(answer, here), _ -> message.fail(HANDLER_FAILED, "failed"));
    });
    return consumer.completion().map(new Registration(consumer));
  }

  /// Tells everybody who listens, on this node and on all others.
  public <M extends Message> void tell(Hint<M> hint, M news) {
    eventBus.publish(hint.address(), news, here);
    if (between != null) {
      between.tell(hint.address(), news);
    }
  }

  /// Listens on the context of the caller of this method, until the registration is unregistered.
  public <M extends Message> Future<Registration> listen(Hint<M> hint, Consumer<M> listener) {
    MessageConsumer<M> consumer = eventBus.localConsumer(hint.address());
    consumer.handler(message -> listener.accept(hint.type().cast(message.body())));
    return consumer.completion().map(new Registration(consumer));
  }

  /// A handler on the bus that can be taken off it.
  public static final class Registration {
    private final MessageConsumer<?> consumer;

    private Registration(MessageConsumer<?> consumer) {
      this.consumer = consumer;
    }

    public Future<Void> unregister() {
      return consumer.unregister();
    }
  }
}
