// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.MemberState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
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
    public boolean contains(Epoch epoch) {
      return epoch.value() >= from.value() && (to == null || epoch.value() <= to.value());
    }
  }

  private ReadableEpochs() {
  }

  /// What somebody with these intervals, in order, may read; nothing for who is not an active member now.
  ///
  /// @param shared epochs that another member lets them read besides
  public static List<Range> ranges(History history, List<Interval> intervals, Collection<Epoch> shared) {
    if (intervals.isEmpty() || intervals.getLast().to() != null || !intervals.getLast().active()) {
      return List.of();
    }
    return switch (history) {
      case HISTORY_FULL -> List.of(new Range(Epoch.FIRST, null));
      case HISTORY_FROM_JOIN -> merged(
          Stream
              .concat(
                  intervals.stream().filter(Interval::active)
                      .map(interval -> new Range(interval.from(), interval.to())),
                  shared.stream().map(epoch -> new Range(epoch, epoch)))
              .sorted(Comparator.comparingLong(range -> range.from().value())).toList());
      case HISTORY_UNSPECIFIED, UNRECOGNIZED ->
        throw new IllegalArgumentException("a conversation says what newcomers read");
    };
  }

  /// A change of role or key ends one interval and begins the next: to a reader they are one.
  private static List<Range> merged(List<Range> sorted) {
    List<Range> ranges = new ArrayList<>();
    for (Range range : sorted) {
      if (ranges.isEmpty() || !adjoin(ranges.getLast(), range)) {
        ranges.add(range);
      } else {
        Range last = ranges.removeLast();
        ranges.add(new Range(last.from(), later(last.to(), range.to())));
      }
    }
    return List.copyOf(ranges);
  }

  private static boolean adjoin(Range one, Range next) {
    return one.to() == null || next.from().value() <= one.to().value() + 1;
  }

  private static @Nullable Epoch later(@Nullable Epoch one, @Nullable Epoch other) {
    return one == null || other == null ? null : one.value() > other.value() ? one : other;
  }
}
