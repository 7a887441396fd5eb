// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Peer;
import io.e2relay.protocol.bus.Role;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.store.PostgresNodes.Holder;
import io.e2relay.store.PostgresNodes.Standing;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Keeps this node in the list of nodes, and reads who else is there, on one event loop.
///
/// When it has started, every other node has had time to read of this one; when it has stopped, to read that it is
/// gone. It does not start while another node that is alive has the same name: one that was killed counts as alive
/// until it would have been missed, one whose beat moves is there.
public final class NodesVerticle extends VerticleBase {
  private static final Duration BEAT = Duration.ofSeconds(1);
  // A beat of another node may have begun just before, and take a moment.
  private static final Duration ALL_KNOW = BEAT.plusMillis(250);
  private static final Duration CONNECT = Duration.ofSeconds(2);
  // A database that is slow for a moment does not keep a node from starting.
  private static final int SLOW_ANSWERS_MAX = 5;

  private final Bus bus;
  private final Postgres postgres;
  private final Duration gone;
  private final StoreMetrics metrics;
  private final String place;
  private final Consumer<NameHeldException> lost;
  private Peer self;
  private boolean beating;
  private boolean stopped;
  private Supplier<Future<?>> stop = Future::succeededFuture;
  private Supplier<Future<Standing>> beat = () -> Future.failedFuture("not started");

  /// Another node has the name of this one.
  public static final class NameHeldException extends Exception {
    private static final long serialVersionUID = 1L;

    NameHeldException(String node, String place) {
      super("cluster.node is '%s', the name of another node that is running: %s. ".formatted(node,
          place.isEmpty() ? "one that started just now" : place)
          + "Give this node another cluster.node, or stop the other one first.");
    }
  }

  /// Which node this is among the others.
  ///
  /// @param gone time without a beat after which a node counts as gone
  /// @param place where this node runs, for people
  public record Self(Peer peer, Duration gone, String place) {
  }

  /// @param lost told when another node has taken the name, for this one had not been heard of for too long
  public NodesVerticle(Bus bus, Postgres postgres, Self self, Consumer<NameHeldException> lost, StoreMetrics metrics) {
    this.bus = bus;
    this.postgres = postgres;
    this.self = self.peer();
    this.gone = self.gone();
    this.place = self.place();
    this.lost = lost;
    this.metrics = metrics;
  }

  @Override
  public Future<?> start() {
    PostgresLines lines = new PostgresLines(vertx, postgres, new PostgresLines.Limits(1, 2, CONNECT, CONNECT, BEAT),
        metrics);
    PostgresNodes nodes = new PostgresNodes(lines, gone, place);
    beat = () -> nodes.beat(self);
    stop = () -> {
      stopped = true;
      return nodes.leave(self).otherwiseEmpty().eventually(() -> later(ALL_KNOW)).eventually(lines::close);
    };
    return claim(null).compose(_ -> {
      vertx.setPeriodic(BEAT.toMillis(), _ -> beat());
      return later(ALL_KNOW);
    }).onFailure(_ -> lines.close());
  }

  /// Waits while nobody knows whether the one who has the name still lives; its next beat tells, or the lack of it.
  private Future<?> claim(@Nullable Holder before) {
    return first(SLOW_ANSWERS_MAX).compose(standing -> switch (standing) {
      case Standing.Listed(var others) -> {
        bus.listed(others);
        yield Future.succeededFuture();
      }
      case Standing.Held(var holder) when before == null || before.equals(holder) ->
        later(BEAT).compose(_ -> claim(holder));
      case Standing.Held(var holder) -> Future.failedFuture(new NameHeldException(self.node(), holder.place()));
    });
  }

  private Future<Standing> first(int tries) {
    return tries <= 1 ? beat.get() : beat.get().recover(_ -> later(BEAT).compose(_ -> first(tries - 1)));
  }

  /// From now on others ask nothing of this node any more, but still tell it what its relay wants to hear.
  public void leaving() {
    context.runOnContext(_ -> {
      self = new Peer(self.node(), self.incarnation(),
          self.roles().contains(Role.RELAY) ? Set.of(Role.RELAY) : Set.of());
      beat();
    });
  }

  @Override
  public Future<?> stop() {
    return stop.get();
  }

  /// What cannot be read is as it was.
  private void beat() {
    if (!beating && !stopped) {
      beating = true;
      beat.get().onComplete(_ -> beating = false).onSuccess(this::heard);
    }
  }

  private void heard(Standing standing) {
    switch (standing) {
      case Standing.Listed(var others) -> bus.listed(others);
      case Standing.Held(var holder) -> {
        if (!stopped) {
          stopped = true;
          lost.accept(new NameHeldException(self.node(), holder.place()));
        }
      }
    }
  }

  private Future<Void> later(Duration time) {
    Promise<Void> promise = Promise.promise();
    vertx.setTimer(time.toMillis(), _ -> promise.complete());
    return promise.future();
  }
}
