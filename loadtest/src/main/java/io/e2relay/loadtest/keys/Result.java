// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.keys;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// What an operation cost over all rounds: medians, and how far the ratios lie apart.
record Result(String name, List<Meter.Round> rounds) {
  static final String HEAD = "%-14s %12s %12s %12s %12s %8s  %s".formatted("operation", "signatures", "server us",
      "postgres us", "bare us", "ratio", "spread");

  String row() {
    return text("%-14s %12.0f %12.1f %12.1f %12.1f %8.2f  %.2f to %.2f");
  }

  String shown() {
    return text("shown: bench name=keys op=%s signatures=%.0f server-us=%.1f postgres-us=%.1f bare-us=%.1f ratio=%.2f "
        + "ratio-min=%.2f ratio-max=%.2f") + " rounds=" + rounds.size();
  }

  String json() {
    return text("{\"op\":\"%s\",\"signatures\":%.0f,\"server_us\":%.1f,\"postgres_us\":%.1f,\"bare_us\":%.1f,"
        + "\"ratio\":%.3f,\"ratio_min\":%.3f,\"ratio_max\":%.3f}");
  }

  private String text(String format) {
    return String.format(Locale.ROOT, format, name, median(Meter.Round::signatures), median(Meter.Round::serverMicros),
        median(Meter.Round::postgresMicros), median(Meter.Round::bareMicros), median(Meter.Round::ratio), ratios()[0],
        ratios()[rounds.size() - 1]);
  }

  private double[] ratios() {
    return rounds.stream().mapToDouble(Meter.Round::ratio).sorted().toArray();
  }

  private double median(ToDoubleFunction<Meter.Round> of) {
    return rounds.stream().mapToDouble(of).sorted().toArray()[rounds.size() / 2];
  }
}
