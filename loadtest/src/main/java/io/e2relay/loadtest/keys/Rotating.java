// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.keys;

import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.RosterEntry;
import java.util.List;
import java.util.stream.Stream;

/// A new key for all members of a conversation of that size, one epoch after the other.
final class Rotating implements Operation {
  private final Town town;
  private final List<RosterEntry> roster;
  private final int turns;
  private final Room room;

  Rotating(Town town, int size, int turns) {
    this.town = town;
    this.roster = town.roster(size);
    this.turns = turns;
    this.room = town.room(roster);
    town.holder().ask(room.create());
  }

  @Override
  public String name() {
    return "rotate-" + roster.size();
  }

  @Override
  public Batch prepare() {
    return batch(town, Stream.generate(() -> room.next(EpochReason.PERIODIC, roster)).limit(turns).toList());
  }

  /// Each step alone: what one costs, and not what many share.
  static Batch batch(Town town, List<Room.Step> steps) {
    return new Batch(steps.size(), () -> steps.forEach(step -> town.holder().ask(step.request())),
        steps.stream().map(Room.Step::verification).toList());
  }
}
