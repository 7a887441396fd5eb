// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.HeadsCall;
import io.e2relay.relay.auth.TokenCheck;
import io.e2relay.relay.fanout.Fanout;
import io.e2relay.relay.presence.RedisHearing;
import io.e2relay.relay.presence.Registry;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// What the relay verticles of one node share: the first of them to start listens for the news of all.
public final class RelayNode implements RedisHearing.Repairs {
  private final Bus bus;
  private final RelayConfig config;
  private final RelayMetrics metrics;
  private final TokenCheck tokens;
  private final Registry registry;
  private final InstantSource clock;
  private final Fanout fanout;
  private final AtomicInteger verticles = new AtomicInteger();
  private final AtomicLong connectionIds = new AtomicLong();
  private volatile List<Bus.Registration> registrations = List.of();

  public RelayNode(Bus bus, RelayConfig config, RelayMetrics metrics, TokenCheck tokens, Registry registry,
      InstantSource clock) {
    this.bus = bus;
    this.config = config;
    this.metrics = metrics;
    this.tokens = tokens;
    this.registry = registry;
    this.clock = clock;
    this.fanout = Fanout.of(bus, config.bounds().rosterUids(), clock, metrics);
  }

  Future<?> enter() {
    if (verticles.getAndIncrement() > 0) {
      return Future.succeededFuture();
    }
    return Future.all(List.of(bus.listen(Calls.COMMITTED, fanout::committed), bus.answer(Calls.DETACH, fanout::detach),
        bus.answer(Calls.DEVICES, fanout::devices), bus.listen(Calls.USERS_CHANGED, fanout::usersChanged),
        bus.listen(Calls.ACCOUNT_CHANGED, fanout::accountChanged), bus.listen(Calls.MEMBER_READY, fanout::memberReady),
        bus.listen(Calls.WRAP_JOBS, fanout::jobsWaiting), bus.listen(Calls.MISSED, _ -> fanout.missed())))
        .onSuccess(all -> registrations = all.list());
  }

  /// Something may be missing in these: what the log says of them is compared with what was delivered.
  @Override
  public void look(List<ByteString> conversations) {
    bus.ask(Calls.HEADS, HeadsCall.newBuilder().addAllConversationIds(conversations).build()).onComplete(reply -> {
      if (reply.hasRefusal()) {
        fanout.missed();
      } else {
        fanout.moved(reply.getHeadsList());
      }
    }, _ -> fanout.missed());
  }

  @Override
  public void lookSoon() {
    fanout.missed();
  }

  Future<?> exit() {
    if (verticles.decrementAndGet() > 0) {
      return Future.succeededFuture();
    }
    List<Bus.Registration> last = registrations;
    registrations = List.of();
    return Future.all(last.stream().map(Bus.Registration::unregister).toList());
  }

  public Bus bus() {
    return bus;
  }

  public RelayConfig config() {
    return config;
  }

  public RelayMetrics metrics() {
    return metrics;
  }

  public TokenCheck tokens() {
    return tokens;
  }

  public Registry registry() {
    return registry;
  }

  public InstantSource clock() {
    return clock;
  }

  public Fanout fanout() {
    return fanout;
  }

  public long nextConnectionId() {
    return connectionIds.incrementAndGet();
  }
}
