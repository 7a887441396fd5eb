// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.MemberState;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ReadableEpochsTest {
  record Row(String name, History history, List<ReadableEpochs.Interval> intervals,
      List<ReadableEpochs.Range> expected) {
    @Override
    public String toString() {
      return history + ": " + name;
    }
  }

  static Stream<Row> rows() {
    return Stream.of(full("who never was a member reads nothing", List.of(), List.of()),
        full("a member reads everything", List.of(active(5, 0)), List.of(range(1, 0))),
        full("who was a member reads nothing", List.of(active(1, 4)), List.of()),
        full("who came back reads everything", List.of(active(1, 4), active(9, 0)), List.of(range(1, 0))),
        full("a pending member reads nothing", List.of(pending(3, 0)), List.of()),
        fromJoin("who never was a member reads nothing", List.of(), List.of()),
        fromJoin("a member reads from the join on", List.of(active(5, 0)), List.of(range(5, 0))),
        fromJoin("who was a member reads nothing", List.of(active(1, 4)), List.of()),
        fromJoin("who came back reads what they were there for", List.of(active(1, 4), active(9, 0)),
            List.of(range(1, 4), range(9, 0))),
        fromJoin("a change of role is no gap", List.of(active(2, 4), active(5, 6), active(7, 0)), List.of(range(2, 0))),
        fromJoin("pending times are not readable", List.of(pending(2, 4), active(5, 0)), List.of(range(5, 0))),
        fromJoin("a pending member reads nothing", List.of(active(1, 4), pending(5, 0)), List.of()));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void readable(Row row) {
    assertEquals(row.expected(), ReadableEpochs.ranges(row.history(), row.intervals(), List.of()));
  }

  static Stream<Row> shared() {
    return Stream.of(
        fromJoin("what was shared is read besides", List.of(active(5, 0)), List.of(range(2, 3), range(5, 0))),
        fromJoin("what adjoins is one", List.of(active(4, 6), active(9, 0)), List.of(range(2, 6), range(9, 0))),
        fromJoin("a pending member reads nothing", List.of(pending(5, 0)), List.of()),
        full("everything is everything", List.of(active(5, 0)), List.of(range(1, 0))));
  }

  @ParameterizedTest
  @MethodSource("shared")
  void readable_with_the_second_and_third_epoch_shared(Row row) {
    assertEquals(row.expected(),
        ReadableEpochs.ranges(row.history(), row.intervals(), List.of(new Epoch(3), new Epoch(2))));
  }

  private static Row full(String name, List<ReadableEpochs.Interval> intervals, List<ReadableEpochs.Range> expected) {
    return new Row(name, History.HISTORY_FULL, intervals, expected);
  }

  private static Row fromJoin(String name, List<ReadableEpochs.Interval> intervals,
      List<ReadableEpochs.Range> expected) {
    return new Row(name, History.HISTORY_FROM_JOIN, intervals, expected);
  }

  private static ReadableEpochs.Interval active(long from, long to) {
    return new ReadableEpochs.Interval(new Epoch(from), to == 0 ? null : new Epoch(to),
        MemberState.MEMBER_STATE_ACTIVE);
  }

  private static ReadableEpochs.Interval pending(long from, long to) {
    return new ReadableEpochs.Interval(new Epoch(from), to == 0 ? null : new Epoch(to),
        MemberState.MEMBER_STATE_PENDING);
  }

  private static ReadableEpochs.Range range(long from, long to) {
    return new ReadableEpochs.Range(new Epoch(from), to == 0 ? null : new Epoch(to));
  }
}
