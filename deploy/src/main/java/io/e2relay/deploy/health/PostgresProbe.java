// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.health;

import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.ProbeCall;
import io.e2relay.protocol.bus.wire.ProbeReply;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the store at a steady pace whether PostgreSQL answers. Event loop; one question at a time.
public final class PostgresProbe extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresProbe.class);

  private final Bus bus;
  private final Duration interval;
  private final NodeHealth health;
  private final Hysteresis hysteresis;
  private long timer;
  private boolean asking;

  public PostgresProbe(Bus bus, Duration interval, int failuresToFall, NodeHealth health) {
    this.bus = bus;
    this.interval = interval;
    this.health = health;
    this.hysteresis = new Hysteresis(failuresToFall);
  }

  /// Started once the first answer, good or bad, or its absence is known.
  @Override
  public Future<?> start() {
    timer = vertx.setPeriodic(interval.toMillis(), _ -> ask());
    return ask();
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(timer);
    return Future.succeededFuture();
  }

  private Future<?> ask() {
    if (asking) {
      return Future.succeededFuture();
    }
    asking = true;
    return bus.ask(Calls.PROBE, ProbeCall.getDefaultInstance()).map(this::heard).otherwise(_ -> saw(false, false));
  }

  private boolean heard(ProbeReply reply) {
    return saw(reply.hasProbe(), reply.getProbe().getDurable());
  }

  private boolean saw(boolean success, boolean durable) {
    asking = false;
    boolean was = health.isPostgresUp();
    boolean is = hysteresis.saw(success);
    // While single questions fail, the last word on durability counts.
    health.setPostgres(is, success ? durable : is && health.isDurable());
    if (is && !was) {
      LOG.info("PostgreSQL answers");
    } else if (was && !is) {
      LOG.warn("PostgreSQL does not answer: not ready");
    }
    return is;
  }
}
