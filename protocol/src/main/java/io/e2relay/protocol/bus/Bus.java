// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import com.google.protobuf.Message;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;

/// The event bus, typed: protobuf messages in, protobuf messages out, one codec.
///
/// An answer that says no carries a refusal. A failed future means that nothing is known: no handler, no answer
/// in time, or a handler that failed; callers treat the three alike.
public final class Bus {
  private static final int HANDLER_FAILED = 1;

  private final EventBus eventBus;
  private final DeliveryOptions options;

  private Bus(EventBus eventBus, Duration timeout) {
    this.eventBus = eventBus;
    this.options = new DeliveryOptions().setLocalOnly(true).setCodecName(MessageCodec.NAME)
        .setSendTimeout(timeout.toMillis());
  }

  /// The bus of this node. Questions wait for their answer no longer than the timeout.
  public static Bus of(Vertx vertx, Duration timeout) {
    EventBus eventBus = vertx.eventBus();
    synchronized (Bus.class) {
      if (!MessageCodec.registered(vertx)) {
        eventBus.registerCodec(new MessageCodec());
      }
    }
    return new Bus(eventBus, timeout);
  }

  public <Q extends Message, A extends Message> Future<A> ask(Call<Q, A> call, Q question) {
    return eventBus.<A>request(call.address(), question, options).map(reply -> call.answer().cast(reply.body()));
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
      pending.onComplete(answer -> message.reply(answer, options), _ -> message.fail(HANDLER_FAILED, "failed"));
    });
    return consumer.completion().map(new Registration(consumer));
  }

  /// Tells everybody who listens on this node.
  public <M extends Message> void tell(Hint<M> hint, M news) {
    eventBus.publish(hint.address(), news, options);
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
