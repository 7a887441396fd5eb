// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/// Places of a log, ascending and apart. They are so many at most; then the two that lie nearest become one, with what
/// lies between.
record Ranges(List<Range> all) {
  static final int COUNT_MAX = 64;
  static final Ranges NONE = new Ranges(List.of());

  Ranges with(Range more) {
    List<Range> joined = new ArrayList<>();
    long from = more.from();
    long to = more.to();
    for (Range one : all) {
      if (one.to() + 1 < from || one.from() - 1 > to) {
        joined.add(one);
      } else {
        from = Math.min(from, one.from());
        to = Math.max(to, one.to());
      }
    }
    Range whole = new Range(from, to);
    int at = 0;
    while (at < joined.size() && joined.get(at).from() < whole.from()) {
      at++;
    }
    joined.add(at, whole);
    return new Ranges(joined.size() > COUNT_MAX ? nearestJoined(joined) : List.copyOf(joined));
  }

  Ranges without(Range gone) {
    List<Range> left = new ArrayList<>();
    for (Range one : all) {
      if (one.from() < gone.from()) {
        left.add(new Range(one.from(), Math.min(one.to(), gone.from() - 1)));
      }
      if (one.to() > gone.to()) {
        left.add(new Range(Math.max(one.from(), gone.to() + 1), one.to()));
      }
    }
    return new Ranges(left.stream().distinct().toList());
  }

  Ranges with(Ranges more) {
    Ranges all = this;
    for (Range one : more.all()) {
      all = all.with(one);
    }
    return all;
  }

  Ranges without(Ranges gone) {
    Ranges left = this;
    for (Range one : gone.all()) {
      left = left.without(one);
    }
    return left;
  }

  ByteString packed() {
    return Packed.of(all.stream().flatMap(one -> List.of(one.from(), one.to()).stream()).map(Packed::number)
        .toArray(ByteString[]::new));
  }

  static Ranges read(ByteString packed) {
    List<Long> ends = Packed.values(packed).stream().map(Packed::number).toList();
    List<Range> all = new ArrayList<>();
    for (int i = 0; i < ends.size(); i += 2) {
      all.add(new Range(ends.get(i), ends.get(i + 1)));
    }
    return new Ranges(List.copyOf(all));
  }

  private static List<Range> nearestJoined(List<Range> all) {
    int nearest = 0;
    for (int i = 1; i + 1 < all.size(); i++) {
      if (all.get(i + 1).from() - all.get(i).to() < all.get(nearest + 1).from() - all.get(nearest).to()) {
        nearest = i;
      }
    }
    List<Range> fewer = new ArrayList<>(all);
    Range behind = fewer.remove(nearest + 1);
    fewer.set(nearest, new Range(all.get(nearest).from(), behind.to()));
    return List.copyOf(fewer);
  }
}
