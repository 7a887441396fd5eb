// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.Opening;
import io.e2relay.client.e2ee.Alarm;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.wire.ClientFrame;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A member who opens an epoch and gives some of the others another key, to tell them other things.
final class SplitAttackIT {
  private static final ByteString KEY = ByteString.copyFromUtf8("another key for the second group");

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void a_group_that_is_given_another_key_finds_out_and_the_signed_record_names_who_did_it() throws Exception {
    try (World world = new World(SERVICE)) {
      Person carol = world.person("carol");
      world.alice.in(world.chat).add(carol.uid());
      carol.knows(world.chat);
      Alarm.BadKey expected;
      // The service cannot tell one wrap from another, so what leaves Alice's client here is what it stores.
      try (Attack _ = world.server
          .onRequests(Edit.change(ClientFrame::hasPutEpoch, frame -> split(world, carol, frame)))) {
        world.alice.in(world.chat).rotate();
        world.alice.says(world.chat, "for those who have the key");
        EpochRecord record = world.ledger.epoch(world.chat);
        expected = new Alarm.BadKey(world.chat, new Epoch(3), Fault.BAD_COMMITMENT,
            Optional.of(new Opening.Evidence.OfEpoch(record)));
        carol.alarmed(expected);
        assertEquals(world.alice.uid(), record.statement().rotator().uid());
      }
      world.bob.hearsLast(world.chat, "for those who have the key");
      assertEquals(List.of(), world.bob.alarms());
      assertEquals(List.of(), carol.heard(world.chat));
      world.alice.in(world.chat).rotate();
      world.alice.says(world.chat, "for all");
      carol.hearsLast(world.chat, "for all");
      World.shown("split_group", World.name(expected));
    }
  }

  private static ClientFrame split(World world, Person second, ClientFrame frame) {
    EpochStatement statement = Records.epoch(frame.getPutEpoch().getRecord()).statement();
    List<RosterEntry> active = statement.roster().stream().filter(RosterEntry::active).toList();
    RosterEntry entry = statement.entry(second.uid()).orElseThrow();
    ByteString wrap = RawWrap.of(KEY, statement, entry, world.ledger.chain(second.uid()).last().statement().aek());
    ClientFrame.Builder changed = frame.toBuilder();
    changed.getPutEpochBuilder().setWraps(active.indexOf(entry), wrap);
    return changed.build();
  }
}
