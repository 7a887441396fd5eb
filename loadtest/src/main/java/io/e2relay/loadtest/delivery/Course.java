// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.e2relay.loadtest.measure.Contest;
import java.util.List;
import java.util.function.Consumer;

/// Which measurement needs which servers.
final class Course {
  private static final int SMALL = 10;
  private static final String COALESCED = "coalesced";

  private final Plan plan;
  private final Generator generator;
  private final Site site;
  private final Consumer<Contest> finished;

  Course(Plan plan, Generator generator, Site site, Consumer<Contest> finished) {
    this.plan = plan;
    this.generator = generator;
    this.site = site;
    this.finished = finished;
  }

  void run(String name) {
    switch (name) {
      case "fanout" -> overBoth(this::fanOut);
      case "pairs" -> overBoth(this::pairs);
      case "append" -> append();
      case "catchup" -> catchUp();
      case "idle" -> overBoth(this::idle);
      case "accept" -> overBoth(this::accept);
      default -> throw new IllegalArgumentException(
          "bench knows no '%s', only %s".formatted(name, String.join(", ", Plan.NAMES)));
    }
  }

  private static void overBoth(Consumer<Boolean> measurement) {
    measurement.accept(false);
    measurement.accept(true);
  }

  private void fanOut(boolean tls) {
    try (Ours ours = ours(tls); Bare coalesced = bare(tls, COALESCED); Bare each = bare(tls, "each")) {
      Appends.warm(generator, ours, plan);
      FanOut fanOut = new FanOut(generator, site.postgres(), plan);
      for (int size : new int[]{plan.size() / SMALL, plan.size()}) {
        fanOut.run(transport(tls), size, List.of(ours, coalesced, each)).forEach(finished);
      }
    }
  }

  private void pairs(boolean tls) {
    try (Ours ours = ours(tls); Bare coalesced = bare(tls, COALESCED)) {
      Appends.warm(generator, ours, plan);
      finished.accept(
          new Pairs(generator, site.postgres(), plan).run(transport(tls), plan.size() / 2, List.of(ours, coalesced)));
    }
  }

  private void append() {
    BareStore bare = BareStore.open(generator, site);
    try (Ours ours = ours(false)) {
      Appends.warm(generator, ours, plan);
      finished.accept(new Appends(generator, site.postgres(), plan).run(ours, bare));
    } finally {
      bare.close(generator);
    }
  }

  private void catchUp() {
    BareStore bare = BareStore.open(generator, site);
    try (Ours ours = ours(false)) {
      finished.accept(new CatchUps(generator, site.postgres(), plan).run(ours, bare));
    } finally {
      bare.close(generator);
    }
  }

  private void idle(boolean tls) {
    finished.accept(new Idle(generator, plan).run(transport(tls), () -> ours(tls), () -> bare(tls, COALESCED)));
  }

  private void accept(boolean tls) {
    try (Ours ours = ours(tls); Bare coalesced = bare(tls, COALESCED)) {
      finished.accept(new Accept(generator, site.postgres(), plan).run(transport(tls), ours, coalesced));
    }
  }

  private Ours ours(boolean tls) {
    return Ours.start(generator, site, tls);
  }

  private Bare bare(boolean tls, String kind) {
    return Bare.start(generator, site, tls, kind);
  }

  private static String transport(boolean tls) {
    return tls ? "wss" : "ws";
  }
}
