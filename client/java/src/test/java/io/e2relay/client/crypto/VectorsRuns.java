// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import java.util.ArrayList;
import java.util.List;

/// Faults of one byte after another, as `[from, to, fault]`; NONE where something else than this reading protects it.
final class VectorsRuns {
  private static final String NOTHING = "NONE";

  private record Run(int from, int to, String fault) {
  }

  private final List<Run> runs = new ArrayList<>();

  void add(int at, Reading<?> found) {
    String fault = found instanceof Reading.Unreadable<?>(Fault one) ? one.name() : NOTHING;
    if (!runs.isEmpty() && runs.getLast().fault().equals(fault)) {
      runs.set(runs.size() - 1, new Run(runs.getLast().from(), at, fault));
    } else {
      runs.add(new Run(at, at, fault));
    }
  }

  List<List<Object>> json() {
    return runs.stream().map(run -> List.<Object>of(run.from(), run.to(), run.fault())).toList();
  }
}
