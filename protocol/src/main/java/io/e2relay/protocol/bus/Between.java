// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import com.google.protobuf.ByteString;
import com.google.protobuf.Internal;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.e2relay.protocol.bus.wire.CommittedHint;
import io.e2relay.protocol.bus.wire.ForwardCall;
import io.e2relay.protocol.bus.wire.ForwardReply;
import io.e2relay.protocol.bus.wire.MissedHint;
import io.e2relay.protocol.bus.wire.News;
import io.e2relay.protocol.bus.wire.NewsBatch;
import io.e2relay.protocol.bus.wire.NewsReply;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;

/// What goes over to other nodes and comes from them: questions one by one, news in batches.
final class Between {
  /// Asks who is at an address.
  interface Asking {
    Future<Message> ask(String address, Message question);
  }

  /// Puts a handler at an address; yields what takes it off again.
  interface Answering {
    Future<Runnable> answer(String address, Function<Message, Future<? extends Message>> handler);
  }

  /// The event bus, as far as it is needed here.
  record Ways(Asking away, Asking here, BiConsumer<String, Message> tellHere, Answering answering) {
  }

  static final Duration BEAT = Duration.ofSeconds(1);
  private static final long GATHER_MS = 5;
  // Vert.x queues without a bound for a node that does not read.
  private static final long ASKED_BYTES_MAX = 64L * 1024 * 1024;
  // Another node that cannot be heard may have lost this one's addresses.
  private static final int SILENT_BEATS_MAX = 10;
  // What a message may wait for the directory of listeners.
  private static final long DIRECTORY_MS = 50;

  private final Vertx vertx;
  private final Context context;
  private final Peer self;
  private final Ways ways;
  private final Neighbours neighbours;
  private final Router router;
  private final Bus.Place place;
  private final Directions directions;
  private final AtomicLong askedBytes = new AtomicLong();
  private final AtomicBoolean reopening = new AtomicBoolean();
  private boolean gathering;
  private int silentBeats;
  private Runnable unregister = () -> {
  };

  Between(Vertx vertx, Bus.Place place, Ways ways, LinkEvents events) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.self = place.self();
    this.ways = ways;
    this.neighbours = new Neighbours(self, (peer, batch) -> ways.away().ask(peer.newsAddress(), batch),
        () -> ways.tellHere().accept(Calls.MISSED.address(), MissedHint.getDefaultInstance()), events);
    this.router = new Router(neighbours::audible);
    this.place = place;
    this.directions = new Directions(this::listeners, neighbours,
        (hint, whom) -> post(Calls.COMMITTED.address(), hint, whom), events);
  }

  /// Complete when others can ask and tell.
  Future<?> open() {
    context.runOnContext(_ -> vertx.setPeriodic(BEAT.toMillis(), _ -> beat()));
    return register();
  }

  boolean plays(Role role) {
    return self.plays(role);
  }

  void listed(List<Peer> nodes) {
    context.runOnContext(_ -> neighbours.list(nodes, System.nanoTime()));
  }

  void tell(String to, Message news) {
    if (self.hasNews() && !neighbours.listed().isEmpty()) {
      context.runOnContext(_ -> {
        if (news instanceof CommittedHint hint && isCrowded()) {
          directions.tell(hint, System.nanoTime());
        } else {
          post(to, news, _ -> true);
        }
      });
    }
  }

  /// Whether there are too many nodes with relays to tell all of them everything.
  boolean isCrowded() {
    long others = neighbours.listed().stream().filter(peer -> peer.plays(Role.RELAY)).count();
    return others + (self.plays(Role.RELAY) ? 1 : 0) > place.broadcastMax();
  }

  private void post(String to, Message news, Predicate<Peer> whom) {
    if (neighbours.tell(to, news, whom) && !gathering) {
      gathering = true;
      vertx.setTimer(GATHER_MS, _ -> {
        gathering = false;
        neighbours.flush();
      });
    }
  }

  private Future<Map<ByteString, Set<String>>> listeners(Set<ByteString> conversations) {
    Promise<Map<ByteString, Set<String>>> here = Promise.promise();
    place.targets().listeners(neighbours.listed(), conversations).timeout(DIRECTORY_MS, TimeUnit.MILLISECONDS)
        .onComplete(answer -> context.runOnContext(_ -> here.handle(answer)));
    return here.future();
  }

  <Q extends Message, A extends Message> Future<A> askAny(Call<Q, A> call, Q question) {
    Peer peer = router.any(call.role());
    return peer == null ? nobody(call) : forward(peer, call, question);
  }

  /// Asks the node that has the conversation.
  <Q extends Message, A extends Message> Future<A> askHeld(Call<Q, A> call, Q question, ByteString conversation) {
    Peer peer = router.hold(conversation);
    return peer == null ? nobody(call) : forward(peer, call, question).onComplete(_ -> router.release(conversation));
  }

  /// Asks all others that play the role.
  <Q extends Message, A extends Message> List<Future<A>> askEach(Call<Q, A> call, Q question) {
    return neighbours.listed().stream().filter(peer -> peer.plays(call.role()))
        .map(peer -> forward(peer, call, question)).toList();
  }

  private static <A> Future<A> nobody(Call<?, ?> call) {
    return Future.failedFuture("nobody answers " + call.address() + " now");
  }

  private <Q extends Message, A extends Message> Future<A> forward(Peer peer, Call<Q, A> call, Q question) {
    ByteString bytes = question.toByteString();
    if (askedBytes.addAndGet(bytes.size()) > ASKED_BYTES_MAX) {
      askedBytes.addAndGet(-bytes.size());
      return Future.failedFuture("too much is asked of other nodes");
    }
    ForwardCall forwarded = ForwardCall.newBuilder().setTo(call.address()).setQuestion(bytes).build();
    return ways.away().ask(peer.callsAddress(), forwarded).onComplete(_ -> askedBytes.addAndGet(-bytes.size()))
        .map(ForwardReply.class::cast).compose(reply -> parsed(call.answer(), reply.getAnswer()));
  }

  private Future<? extends Message> asked(ForwardCall forwarded) {
    Call<?, ?> call = Calls.call(forwarded.getTo());
    return call == null
        ? Future.failedFuture("no such call")
        : parsed(call.question(), forwarded.getQuestion())
            .compose(question -> ways.here().ask(call.address(), question))
            .map(answer -> ForwardReply.newBuilder().setAnswer(answer.toByteString()).build());
  }

  private Future<? extends Message> told(NewsBatch batch) {
    neighbours.heard(batch, System.nanoTime());
    for (News news : batch.getNewsList()) {
      Hint<?> hint = Calls.hint(news.getTo());
      if (hint != null) {
        parsed(hint.type(), news.getBody()).onSuccess(message -> ways.tellHere().accept(hint.address(), message));
      }
    }
    return Future.succeededFuture(NewsReply.getDefaultInstance());
  }

  private static <M extends Message> Future<M> parsed(Class<M> type, ByteString bytes) {
    try {
      return Future.succeededFuture(type.cast(Internal.getDefaultInstance(type).getParserForType().parseFrom(bytes)));
    } catch (InvalidProtocolBufferException e) {
      return Future.failedFuture(e);
    }
  }

  private void beat() {
    neighbours.tick(System.nanoTime());
    silentBeats = neighbours.audible().size() < neighbours.listed().size() ? silentBeats + 1 : 0;
    if (silentBeats >= SILENT_BEATS_MAX) {
      silentBeats = 0;
      reopen();
    }
  }

  /// After a split the others may have forgotten where this node is reached.
  private void reopen() {
    if (!reopening.getAndSet(true)) {
      Runnable before = unregister;
      register().onComplete(_ -> {
        before.run();
        reopening.set(false);
      });
    }
  }

  private Future<?> register() {
    // The handlers run where everything here runs.
    Promise<Void> done = Promise.promise();
    context.runOnContext(
        _ -> Future.all(ways.answering().answer(self.callsAddress(), question -> asked((ForwardCall) question)),
            ways.answering().answer(self.newsAddress(), batch -> told((NewsBatch) batch))).onComplete(both -> {
              List<Runnable> all = both.list();
              unregister = () -> all.forEach(Runnable::run);
              done.complete();
            }, done::fail));
    return done.future();
  }
}
