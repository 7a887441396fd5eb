// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay;

import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.error.ErrorCode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// What the relay counts; one method per event.
public final class RelayMetrics {
  private static final Duration[] LATENCIES = {Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMillis(5),
      Duration.ofMillis(10), Duration.ofMillis(25), Duration.ofMillis(50), Duration.ofMillis(100),
      Duration.ofMillis(250), Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(2),
      Duration.ofSeconds(5), Duration.ofSeconds(30)};

  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger lagging = new AtomicInteger();
  private final AtomicLong outboundBytes = new AtomicLong();
  private final Counter framesIn;
  private final Counter framesOut;
  private final Counter encodings;
  private final Counter repairs;
  private final Counter sweeps;
  private final Counter unanswered;
  private final Timer ack;
  private final Timer deliveryLag;
  private final Map<CloseCode, Counter> closes = new EnumMap<>(CloseCode.class);
  private final Counter genuine;
  private final Counter forged;
  private final Map<ErrorCode, Counter> refusals = new EnumMap<>(ErrorCode.class);
  private final Map<ErrorCode, Counter> refusedEnvelopes = new EnumMap<>(ErrorCode.class);

  public RelayMetrics(MeterRegistry registry) {
    Gauge.builder("e2relay_connections", connections, AtomicInteger::get).description("Open WebSockets.")
        .register(registry);
    Gauge.builder("e2relay_lagging_connections", lagging, AtomicInteger::get)
        .description("Connections that do not read what is sent; refilled from the log when they do.")
        .register(registry);
    Gauge.builder("e2relay_outbound_bytes", outboundBytes, AtomicLong::get)
        .description("Bytes queued for clients, at the last tick.").register(registry);
    framesIn = counter(registry, "e2relay_frames_in_total", "Frames received from clients.");
    framesOut = counter(registry, "e2relay_frames_out_total", "Frames written to clients.");
    encodings = counter(registry, "e2relay_encodings_total", "Entries encoded for live delivery, per subprotocol.");
    repairs = counter(registry, "e2relay_repairs_total", "Pages read because a subscription had fallen behind.");
    sweeps = counter(registry, "e2relay_sweeps_total", "Comparisons of the log's heads with what was delivered.");
    unanswered = counter(registry, "e2relay_unanswered_total", "Calls that failed or got no answer in time.");
    ack = timer(registry, "e2relay_ack_seconds", "From a message's append to its durable answer.");
    deliveryLag = timer(registry, "e2relay_delivery_lag_seconds", "From a message's receipt to its socket writes.");
    for (CloseCode code : CloseCode.values()) {
      closes.put(code, Counter.builder("e2relay_closes_total").description("Sockets closed by the relay.")
          .tag("code", code.name()).register(registry));
    }
    for (ErrorCode code : ErrorCode.values()) {
      refusals.put(code, Counter.builder("e2relay_refusals_total").description("Requests refused.")
          .tag("code", code.name()).register(registry));
      refusedEnvelopes.put(code, Counter.builder("e2relay_refused_envelopes_total")
          .description("Messages to encrypted conversations refused.").tag("code", code.name()).register(registry));
    }
    genuine = signatures(registry, "genuine");
    forged = signatures(registry, "forged");
  }

  /// The number of open connections, this one included.
  public int connected() {
    return connections.incrementAndGet();
  }

  public void disconnected() {
    connections.decrementAndGet();
  }

  public int connections() {
    return connections.get();
  }

  public void laggingChanged(int change) {
    lagging.addAndGet(change);
  }

  public void outboundChanged(long change) {
    outboundBytes.addAndGet(change);
  }

  public void received() {
    framesIn.increment();
  }

  public void sent() {
    framesOut.increment();
  }

  public void delivered(int sockets, long lagMs) {
    if (sockets > 0) {
      framesOut.increment(sockets);
      deliveryLag.record(Duration.ofMillis(Math.max(0, lagMs)));
    }
  }

  public void encoded(int subprotocols) {
    encodings.increment(subprotocols);
  }

  public void repaired() {
    repairs.increment();
  }

  public void swept() {
    sweeps.increment();
  }

  public void unanswered() {
    unanswered.increment();
  }

  public void acknowledged(long nanos) {
    ack.record(Duration.ofNanos(nanos));
  }

  public void closed(CloseCode code) {
    count(closes.get(code));
  }

  public void refused(int number) {
    count(refusals, number);
  }

  public void refusedEnvelope(int number) {
    count(refusedEnvelopes, number);
  }

  public void verified(boolean isGenuine) {
    (isGenuine ? genuine : forged).increment();
  }

  private static void count(Map<ErrorCode, Counter> counters, int number) {
    counters.forEach((code, counter) -> {
      if (code.number() == number) {
        counter.increment();
      }
    });
  }

  private static Counter signatures(MeterRegistry registry, String verdict) {
    return Counter.builder("e2relay_signatures_total").description("Signatures of messages that were verified.")
        .tag("verdict", verdict).register(registry);
  }

  private static void count(@org.jspecify.annotations.Nullable Counter counter) {
    if (counter != null) {
      counter.increment();
    }
  }

  private static Counter counter(MeterRegistry registry, String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  private static Timer timer(MeterRegistry registry, String name, String description) {
    return Timer.builder(name).description(description).serviceLevelObjectives(LATENCIES).register(registry);
  }
}
