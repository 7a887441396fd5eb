// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import io.e2relay.keyservice.database.Unavailable;
import io.e2relay.keyservice.jobs.PostgresWrapJobs;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.WrapJobsHint;
import io.vertx.core.Context;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells those who hold a conversation's key that there is work for them: at once what has just come up here, and every
/// second what another node left or what somebody took and did not do.
final class WrapJobOffers {
  private static final Logger LOG = LoggerFactory.getLogger(WrapJobOffers.class);
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final int AT_ONCE_MAX = 500;

  private final PostgresWrapJobs jobs;
  private final Bus bus;
  private final Context context;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicBoolean again = new AtomicBoolean();

  /// @param context on virtual threads
  WrapJobOffers(PostgresWrapJobs jobs, Bus bus, Context context) {
    this.jobs = jobs;
    this.bus = bus;
    this.context = context;
  }

  /// From now on, until the context's verticle is stopped.
  void begin() {
    context.owner().setPeriodic(EVERY.toMillis(), _ -> offer());
  }

  /// There may be work that nobody has been told of.
  void soon() {
    context.runOnContext(_ -> offer());
  }

  private void offer() {
    again.set(true);
    // One at a time: what comes up meanwhile is told by who is at it.
    if (!busy.getAndSet(true)) {
      try {
        while (again.getAndSet(false)) {
          jobs.due(AT_ONCE_MAX).forEach(
              id -> bus.tell(Calls.WRAP_JOBS, WrapJobsHint.newBuilder().setConversationId(id.bytes()).build()));
        }
      } catch (Unavailable e) {
        LOG.debug("nothing offered: {}", e.getMessage());
      } finally {
        busy.set(false);
      }
    }
  }
}
