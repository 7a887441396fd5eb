// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.cluster;

import io.e2relay.client.Relay;
import io.e2relay.deploy.endtoend.Shown;
import io.e2relay.loadtest.oracle.DeliveryVerdict;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// What people notice of a fault: nothing but that some of it comes later, and in time again when it is over.
record Harm(ClusterExtension cluster, List<Relay> relays) {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LIVE_WITHIN = Duration.ofSeconds(5);

  /// Something that goes wrong, and how it ends.
  interface Fault {
    void strike() throws Exception;

    void heal() throws Exception;
  }

  /// There is a sender and a receiver at each relay all the time.
  void by(String kind, Duration lasting, Fault fault) throws Exception {
    try (Traffic traffic = new Traffic(cluster, kind, relays)) {
      traffic.begin().awaitMore(50, PATIENCE);
      long controlMs = traffic.awaitLive(PATIENCE);
      int before = traffic.acknowledged();
      fault.strike();
      LockSupport.parkNanos(lasting.toNanos());
      int during = traffic.acknowledged() - before;
      fault.heal();
      // A machine that is busy with other things needs longer for everything.
      long liveMs = traffic.awaitLive(LIVE_WITHIN.plusMillis(10 * controlMs));
      traffic.awaitMore(50, PATIENCE);
      DeliveryVerdict verdict = traffic.end();
      Shown.line("cluster fault=%s lasting_ms=%d control_ms=%d acknowledged_during=%d live_after_ms=%d %s"
          .formatted(kind, lasting.toMillis(), controlMs, during, liveMs, verdict));
    }
  }
}
