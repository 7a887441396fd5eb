// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import com.google.protobuf.Message;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.AppendCall;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.relay.RelayMetrics;
import io.e2relay.relay.fanout.LogView;
import io.e2relay.relay.fanout.Subscriber;
import io.e2relay.relay.session.Effect;
import io.e2relay.relay.session.Session;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Does what a session wants done, and tells it what came of it.
final class Effects {
  private final RelayLoop loop;
  private final Connection connection;
  private final Session session;
  private final long id;
  private @Nullable Subscriber subscriber;

  Effects(RelayLoop loop, Connection connection, Session session) {
    this.loop = loop;
    this.connection = connection;
    this.session = session;
    this.id = loop.node.nextConnectionId();
  }

  void apply(List<Effect> effects) {
    for (Effect effect : effects) {
      if (!connection.isClosed()) {
        apply(effect);
      }
    }
    if (!effects.isEmpty()) {
      connection.settleReading();
    }
  }

  void drained() {
    if (subscriber != null) {
      loop.fanout.drained(subscriber);
    }
  }

  void leave() {
    Subscriber leaving = subscriber;
    if (leaving != null) {
      subscriber = null;
      loop.fanout.leave(leaving);
      loop.node.registry().disconnected(leaving.uid(), id);
    }
  }

  private void apply(Effect effect) {
    switch (effect) {
      case Effect.Reply(var frame) -> reply(frame);
      case Effect.CheckToken(var request, var token) ->
        apply(session.checked(request, loop.node.tokens().check(token), loop.node.clock().millis()));
      case Effect.Ready(var uid) -> {
        leave();
        subscriber = loop.fanout.join(uid, connection);
        loop.node.registry().connected(uid, id);
      }
      case Effect.SignIn signIn -> signIn(signIn);
      case Effect.Ask<?, ?> ask -> ask(ask);
      case Effect.Place place -> place(place);
      case Effect.Append(var request, var question) -> append(request, question);
      case Effect.AppendSealed sealed -> appendSealed(sealed);
      case Effect.CountRefused(var code) -> metrics().refusedEnvelope(code);
      case Effect.ReadPage(var request, var fetch) -> read(request, fetch);
      case Effect.Subscribe(var request, var cursors) ->
        loop.fanout.subscribe(subscriber(), cursors).onSuccess(results -> apply(session.subscribed(request, results)));
      case Effect.Begin(var conversations) -> loop.fanout.begin(subscriber(), conversations);
      case Effect.Unsubscribe(var conversations) -> loop.fanout.unsubscribe(subscriber(), conversations);
      case Effect.Close(var code) -> {
        leave();
        connection.close(code);
      }
    }
  }

  private void reply(ServerFrame frame) {
    if (frame.hasError()) {
      metrics().refused(frame.getError().getCode());
    }
    connection.push(frame);
  }

  private void signIn(Effect.SignIn signIn) {
    loop.node.bus().ask(Calls.SIGN_IN, signIn.question())
        .onComplete(reply -> apply(ErrorCode.of(reply.getRefusal()) == ErrorCode.UNAVAILABLE && reply.hasRefusal()
            ? session.signInFailed(signIn.id(), loop.node.clock().millis())
            : session.signedIn(signIn.id(), reply)), _ -> {
              unanswered();
              apply(session.signInFailed(signIn.id(), loop.node.clock().millis()));
            });
  }

  private <Q extends Message, A extends Message> void ask(Effect.Ask<Q, A> ask) {
    loop.node.bus().ask(ask.call(), ask.question()).onComplete(answer -> apply(session.answered(ask.id(), answer)),
        _ -> {
          unanswered();
          apply(session.failed(ask.id()));
        });
  }

  private void place(Effect.Place place) {
    loop.placement.place(place.conversation(), subscriber().uid().bytes(), place.named(), place.atLeast())
        .onComplete(placed -> apply(session.placed(place.conversation(), placed)), _ -> {
          unanswered();
          apply(session.placeFailed(place.conversation()));
        });
  }

  private void appendSealed(Effect.AppendSealed sealed) {
    if (!loop.verifier.looksAt(sealed.signed())) {
      append(sealed.id(), sealed.question());
      return;
    }
    loop.verifier.verify(sealed.signed()).onComplete(genuine -> {
      if (!genuine) {
        apply(session.forged(sealed.id()));
      } else if (!connection.isClosed()) {
        append(sealed.id(), sealed.question());
      }
    }, _ -> apply(session.appendFailed(sealed.id())));
  }

  private void append(long request, AppendCall question) {
    long startedNanos = System.nanoTime();
    loop.placement.append(question).onComplete(reply -> {
      if (reply.hasSent()) {
        metrics().acknowledged(System.nanoTime() - startedNanos);
      } else if (ErrorCode.of(reply.getRefusal()) == ErrorCode.UNAVAILABLE) {
        loop.fanout.trouble();
      }
      apply(session.appended(request, reply));
    }, _ -> {
      unanswered();
      apply(session.appendFailed(request));
    });
  }

  private void read(long request, Fetch fetch) {
    LogView.Range range = new LogView.Range(fetch.getConversationId(), fetch.getAfterSeq(), fetch.getUptoSeq(),
        fetch.getLimit());
    loop.log.page(subscriber().uid().bytes(), range, connection.subprotocol())
        .onComplete(outcome -> apply(session.read(request, outcome)), _ -> {
          unanswered();
          apply(session.failed(request));
        });
  }

  /// Nothing is known of a call: of what else happened then, neither.
  private void unanswered() {
    metrics().unanswered();
    loop.fanout.trouble();
  }

  private RelayMetrics metrics() {
    return loop.node.metrics();
  }

  private Subscriber subscriber() {
    if (subscriber == null) {
      throw new IllegalStateException("a request before Ready");
    }
    return subscriber;
  }
}
