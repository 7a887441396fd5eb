// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Epochs in a row, both ends inclusive.
record EpochSpan(long from, long to) {

  boolean contains(long epoch) {
    return from <= epoch && epoch <= to;
  }

  /// The same epochs in order and each in one span only, so that no entry is read twice; empty spans are dropped.
  static List<EpochSpan> normalised(List<EpochSpan> spans) {
    List<EpochSpan> sorted = spans.stream().filter(span -> span.from() <= span.to())
        .sorted(Comparator.comparingLong(EpochSpan::from)).toList();
    List<EpochSpan> merged = new ArrayList<>();
    for (EpochSpan span : sorted) {
      if (!merged.isEmpty() && span.from() <= merged.getLast().to()) {
        EpochSpan last = merged.removeLast();
        merged.add(new EpochSpan(last.from(), Math.max(last.to(), span.to())));
      } else {
        merged.add(span);
      }
    }
    return List.copyOf(merged);
  }
}
