// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.measure;

/// Wall time and the processor time of some processes, from one moment to another.
public final class Stopwatch {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MICRO = 1e3;

  private final CpuAccount server;
  private final CpuAccount postgres;
  private final long begun = System.nanoTime();
  private final long serverNanos;
  private final long postgresNanos;

  public Stopwatch(CpuAccount server, CpuAccount postgres) {
    this.server = server;
    this.postgres = postgres;
    this.serverNanos = server.nanos();
    this.postgresNanos = postgres.nanos();
  }

  public double seconds() {
    return (System.nanoTime() - begun) / NANOS_PER_SECOND;
  }

  public double serverMicros() {
    return (server.nanos() - serverNanos) / NANOS_PER_MICRO;
  }

  public double postgresMicros() {
    return (postgres.nanos() - postgresNanos) / NANOS_PER_MICRO;
  }
}
