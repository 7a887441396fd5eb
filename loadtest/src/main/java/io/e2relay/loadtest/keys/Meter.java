// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.keys;

import io.e2relay.loadtest.measure.CpuAccount;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Measures one operation beside the bare verification of its signatures, in turns.
final class Meter {
  private static final int COMPILE_ROUNDS = 100;
  private static final int WARM_ROUNDS_MIN = 4;
  private static final int WARM_ROUNDS_MAX = 12;
  private static final double STABLE = 0.05;
  private static final long PAUSE_NANOS = 50_000_000;
  private static final long QUIET_NANOS = 3_000_000;
  // So long that the account's own grain does not matter.
  private static final long BARE_NANOS = 500_000_000;

  private final CpuAccount server;
  private final CpuAccount postgres;
  private final CpuAccount here = CpuAccount.of(ProcessHandle.current());

  /// What one operation cost.
  record Round(double signatures, double serverMicros, double postgresMicros, double bareMicros) {
    double ratio() {
      return serverMicros / bareMicros;
    }
  }

  Meter(ServiceProcess service) {
    this.server = service.server();
    this.postgres = service.postgres();
  }

  /// Until what every operation runs through is compiled: to compile it takes more processor time than to run it.
  void compile(Operation operation) {
    for (int i = 0; i < COMPILE_ROUNDS; i++) {
      operation.prepare().work().run();
    }
    settled(server);
  }

  /// Until another round costs what the last one did.
  void warmUp(Operation operation) {
    Round last = round(operation);
    for (int rounds = 1; rounds < WARM_ROUNDS_MAX; rounds++) {
      Round next = round(operation);
      boolean stable = Math.abs(next.serverMicros() - last.serverMicros()) < STABLE * last.serverMicros();
      if (stable && rounds >= WARM_ROUNDS_MIN) {
        return;
      }
      last = next;
    }
  }

  Round round(Operation operation) {
    Operation.Batch batch = operation.prepare();
    long serverBefore = settled(server);
    long postgresBefore = settled(postgres);
    batch.work().run();
    long serverNanos = settled(server) - serverBefore;
    long postgresNanos = settled(postgres) - postgresBefore;
    return new Round((double) batch.verifications().size() / batch.operations(), serverNanos / 1e3 / batch.operations(),
        postgresNanos / 1e3 / batch.operations(), bareNanos(batch.verifications()) / 1e3 / batch.operations());
  }

  /// For all of them once, averaged over as many times as take a while.
  private double bareNanos(List<Verification> all) {
    long before = settled(here);
    long until = System.nanoTime() + BARE_NANOS;
    int times = 0;
    do {
      all.forEach(Verification::verify);
      times++;
    } while (System.nanoTime() < until);
    return (double) (settled(here) - before) / times;
  }

  /// Once all that goes on behind the answers is done.
  private static long settled(CpuAccount account) {
    long before = account.nanos();
    while (true) {
      LockSupport.parkNanos(PAUSE_NANOS);
      long now = account.nanos();
      if (now - before < QUIET_NANOS) {
        return now;
      }
      before = now;
    }
  }
}
