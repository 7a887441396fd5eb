// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.MemberState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rule for which epochs a member may read.
public final class ReadableEpochs {
  /// Epochs in which somebody was in the roster, both ends inclusive.
  ///
  /// @param to null while it has not ended
  public record Interval(Epoch from, @Nullable Epoch to, MemberState state) {
    boolean active() {
      return state == MemberState.MEMBER_STATE_ACTIVE;
    }
  }

  /// Epochs that may be read, both ends inclusive.
  ///
  /// @param to null for all that follow
  public record Range(Epoch from, @Nullable Epoch to) {
  }

  private ReadableEpochs() {
  }

  /// What somebody with these intervals, in order, may read; nothing for who is not an active member now.
  public static List<Range> ranges(History history, List<Interval> intervals) {
    if (intervals.isEmpty() || intervals.getLast().to() != null || !intervals.getLast().active()) {
      return List.of();
    }
    return switch (history) {
      case HISTORY_FULL -> List.of(new Range(Epoch.FIRST, null));
      case HISTORY_FROM_JOIN -> merged(intervals.stream().filter(Interval::active).toList());
      case HISTORY_UNSPECIFIED, UNRECOGNIZED ->
        throw new IllegalArgumentException("a conversation says what newcomers read");
    };
  }

  /// A change of role ends one interval and begins the next: to a reader they are one.
  private static List<Range> merged(List<Interval> intervals) {
    List<Range> ranges = new ArrayList<>();
    for (Interval interval : intervals) {
      Epoch end = ranges.isEmpty() ? null : ranges.getLast().to();
      if (end != null && interval.from().equals(end.next())) {
        ranges.set(ranges.size() - 1, new Range(ranges.getLast().from(), interval.to()));
      } else {
        ranges.add(new Range(interval.from(), interval.to()));
      }
    }
    return List.copyOf(ranges);
  }
}
