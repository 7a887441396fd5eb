// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.relay.RelayConfig;
import io.e2relay.relay.RelayNode;
import io.e2relay.relay.fanout.BusLog;
import io.e2relay.relay.fanout.LogView;
import io.e2relay.relay.fanout.LoopFanout;
import io.e2relay.relay.fanout.Placement;
import io.e2relay.relay.signature.Verifier;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// The connections of one event loop and what they share there: one clock tick, one flush per turn, one fan-out.
public final class RelayLoop {
  // Faster than this no balancer needs to be spared.
  private static final long DRAIN_STEP_MS = 50;

  final Vertx vertx;
  final Context context;
  final RelayNode node;
  final LogView log;
  final Placement placement;
  final LoopFanout fanout;
  final Verifier verifier;
  final LoopFlush flush;
  private final SecureRandom random = new SecureRandom();
  private final Set<Connection> connections = new LinkedHashSet<>();
  private final long timer;
  private boolean draining;
  private long outboundBytes;

  /// Made on the event loop that it is for.
  public RelayLoop(Vertx vertx, RelayNode node) {
    RelayConfig config = node.config();
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.node = node;
    this.log = new BusLog(node.bus(), config.limits().frameBytes());
    this.placement = new Placement(node.bus(), log, config.bounds().rosterUids(), config.bounds().epochs());
    this.fanout = node.fanout().loop(log,
        new LoopFanout.Bounds(config.bounds().readsAtOnce(), config.limits().pageEntries(),
            config.times().sweepEvery().toMillis(), config.times().sweepSoon().toMillis()),
        task -> context.runOnContext(_ -> task.run()));
    this.verifier = new Verifier(vertx, config.signatures(), random, node.metrics());
    this.flush = new LoopFlush(context);
    this.timer = vertx.setPeriodic(config.times().tick().toMillis(), _ -> tick());
  }

  boolean isDraining() {
    return draining;
  }

  void open(ServerWebSocket socket, Subprotocol subprotocol) {
    Connection connection = new Connection(this, socket, subprotocol);
    connections.add(connection);
    connection.open(bytes(32));
  }

  void gone(Connection connection) {
    if (connections.remove(connection)) {
      node.metrics().disconnected();
    }
  }

  ByteString bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  /// Tells every client and closes them one after the other; nobody new is let in.
  public Future<Void> drain() {
    draining = true;
    List<Connection> all = List.copyOf(connections);
    long spreadMs = node.config().times().drainSpread().toMillis();
    all.forEach(connection -> connection.draining((int) spreadMs));
    long stepMs = Math.min(DRAIN_STEP_MS, spreadMs / Math.max(1, all.size()));
    List<Future<Void>> closed = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      Connection connection = all.get(i);
      Promise<Void> promise = Promise.promise();
      vertx.setTimer(1 + i * stepMs, _ -> connection.end(CloseCode.RESTARTING).onComplete(_ -> promise.complete()));
      closed.add(promise.future());
    }
    // Sockets that cannot even be cut must not keep a node from stopping.
    long patienceMs = spreadMs + 3_000L * ServerOptions.CLOSING_SECONDS;
    Future<Void> allClosed = Future.join(closed).timeout(patienceMs, TimeUnit.MILLISECONDS).mapEmpty();
    return allClosed.otherwiseEmpty().onComplete(_ -> {
      vertx.cancelTimer(timer);
      verifier.close();
      node.fanout().remove(fanout);
    });
  }

  private void tick() {
    long nowMs = node.clock().millis();
    long queued = 0;
    for (Connection connection : List.copyOf(connections)) {
      connection.tick(nowMs);
      queued += connection.queuedBytes();
    }
    node.metrics().outboundChanged(queued - outboundBytes);
    outboundBytes = queued;
    fanout.tick(nowMs);
  }
}
