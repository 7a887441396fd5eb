// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.keys;

import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.RosterEntry;
import java.util.ArrayList;
import java.util.List;

/// One more member, who has an account, in conversations of that size.
record Adding(Town town, int size, int turns) implements Operation {
  @Override
  public String name() {
    return "add-to-" + size;
  }

  @Override
  public Batch prepare() {
    List<RosterEntry> grown = town.roster(size + 1);
    List<Room.Step> steps = new ArrayList<>();
    for (int i = 0; i < turns; i++) {
      Room room = town.room(grown.subList(0, size));
      town.holder().ask(room.create());
      steps.add(room.next(EpochReason.ADDED, grown));
    }
    return Rotating.batch(town, steps);
  }
}
