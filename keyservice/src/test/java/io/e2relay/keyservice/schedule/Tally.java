// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.schedule;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/// How often each step was carried out, and how often refused with what.
final class Tally {
  private final Map<Step, Long> done = new EnumMap<>(Step.class);
  private final Map<Step, Map<String, Long>> refused = new EnumMap<>(Step.class);
  private long before;
  private long lost;

  void count(Step step, Transaction.End end, int lostBefore) {
    lost += lostBefore;
    switch (end) {
      case Transaction.End.Done _ -> done.merge(step, 1L, Long::sum);
      case Transaction.End.Before _ -> before++;
      case Transaction.End.Refused(String code) ->
        refused.computeIfAbsent(step, _ -> new TreeMap<>()).merge(code, 1L, Long::sum);
      case Transaction.End.Lost _ -> throw new IllegalStateException("whoever has lost begins anew");
    }
  }

  long done(Step step) {
    return done.getOrDefault(step, 0L);
  }

  Map<String, Long> refused(Step step) {
    return refused.getOrDefault(step, Map.of());
  }

  Map<Step, Long> doneByStep() {
    return new EnumMap<>(done);
  }

  /// By code, whatever was refused with it.
  Map<String, Long> codes() {
    Map<String, Long> codes = new TreeMap<>();
    refused.values().forEach(some -> some.forEach((code, count) -> codes.merge(code, count, Long::sum)));
    return codes;
  }

  long steps() {
    return before + done.values().stream().mapToLong(Long::longValue).sum()
        + codes().values().stream().mapToLong(Long::longValue).sum();
  }

  long before() {
    return before;
  }

  /// How often a transaction had to begin anew.
  long lost() {
    return lost;
  }

  @Override
  public String toString() {
    return "done=" + done + " refused=" + refused;
  }
}
