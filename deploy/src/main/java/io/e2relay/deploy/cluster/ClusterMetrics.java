// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.cluster;

import io.e2relay.protocol.bus.LinkEvents;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// What can be counted about the links to other nodes.
public final class ClusterMetrics implements LinkEvents {
  private final AtomicInteger listed = new AtomicInteger();
  private final AtomicInteger silent = new AtomicInteger();
  private final AtomicLong outstandingBytes = new AtomicLong();
  private final Counter batches;
  private final Counter news;
  private final Counter heard;
  private final Counter spared;
  private final Counter lost;
  private final Counter dirty;
  private final Counter unanswered;
  private final Map<Missed, Counter> missed = new EnumMap<>(Missed.class);

  public ClusterMetrics(MeterRegistry registry) {
    Gauge.builder("e2relay_cluster_peers", listed, AtomicInteger::get).description("Other nodes in the list of nodes.")
        .register(registry);
    Gauge.builder("e2relay_cluster_silent_peers", silent, AtomicInteger::get)
        .description("Other nodes in the list that should be heard of here and are not.").register(registry);
    Gauge.builder("e2relay_link_outstanding_bytes", outstandingBytes, AtomicLong::get)
        .description("Bytes of news on their way to other nodes.").register(registry);
    batches = counter(registry, "e2relay_link_batches_total", "Batches of news sent to other nodes.");
    news = counter(registry, "e2relay_link_news_total", "News in those batches.");
    heard = counter(registry, "e2relay_link_heard_total", "News that came from other nodes.");
    spared = counter(registry, "e2relay_link_spared_total", "News not sent to a node because nobody listens there.");
    lost = counter(registry, "e2relay_link_directory_lost_total",
        "Times Redis did not say in time which nodes listen, so that all were told.");
    dirty = counter(registry, "e2relay_link_dirty_total", "News left out because a node did not keep up or answer.");
    unanswered = counter(registry, "e2relay_link_unanswered_total",
        "Batches and heartbeats that another node did not confirm.");
    for (Missed why : Missed.values()) {
      missed.put(why,
          Counter.builder("e2relay_link_missed_total")
              .description("Times this node looked for what it may have missed.")
              .tag("why", why.name().toLowerCase(Locale.ROOT)).register(registry));
    }
  }

  @Override
  public void peers(int listedNow, int silentNow) {
    listed.set(listedNow);
    silent.set(silentNow);
  }

  @Override
  public void batch(int count) {
    batches.increment();
    news.increment(count);
  }

  @Override
  public void heard(int count) {
    heard.increment(count);
  }

  @Override
  public void spared() {
    spared.increment();
  }

  @Override
  public void lost() {
    lost.increment();
  }

  @Override
  public void dirty() {
    dirty.increment();
  }

  @Override
  public void unanswered() {
    unanswered.increment();
  }

  @Override
  public void outstanding(long changeBytes) {
    outstandingBytes.addAndGet(changeBytes);
  }

  @Override
  public void missed(Missed why) {
    Counter counter = missed.get(why);
    if (counter != null) {
      counter.increment();
    }
  }

  private static Counter counter(MeterRegistry registry, String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }
}
