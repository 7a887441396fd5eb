// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.Opening;
import io.e2relay.client.e2ee.Alarm;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.deploy.endtoend.Until;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.wire.AccountChanged;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.KeyWrap;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Wraps;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A server that puts a device of its own beside those of a user, or speaks as one.
final class DeviceAttackIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final ByteString KEY = ByteString.copyFromUtf8("a key that only the server knows");
  private static final ByteString TEXT = ByteString.copyFromUtf8("\0\1not of Alice");

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void a_device_slipped_into_a_contacts_account_is_refused_and_keys_go_to_the_account_as_it_was() throws Exception {
    try (World world = new World(SERVICE)) {
      AccountRecord real = world.ledger.chain(world.bob.uid()).last();
      AccountRecord slipped = world.impostor(world.bob.uid()).slippedIn(real);
      Alarm expected = new Alarm.AccountRefused(world.bob.uid(), Fault.BAD_SIGNATURE);
      try (Attack _ = world.server
          .onFrames(Lies.account(world.bob.uid(), List.of(real.bytes(), slipped.bytes())).only(world.alice.name()))) {
        tellChanged(world, world.alice, world.bob);
        world.alice.alarmed(expected);
        world.alice.in(world.chat).rotate();
      }
      RosterEntry entry = world.ledger.epoch(world.chat).statement().entry(world.bob.uid()).orElseThrow();
      assertEquals(real.hash(), entry.account().accountHash());
      assertEquals(1, entry.account().aekGen());
      world.alice.says(world.chat, "under the new key");
      world.bob.hearsLast(world.chat, "under the new key");
      assertEquals(List.of(expected), world.alice.alarms());
      World.shown("device_slipped_into_a_contact", World.name(expected));
    }
  }

  @Test
  void a_message_of_a_device_that_is_not_in_the_account_is_not_shown() throws Exception {
    try (World world = new World(SERVICE)) {
      EpochRecord epoch = world.ledger.epoch(world.chat);
      Envelope forged = world.impostor(world.alice.uid()).message(epoch, world.alice.uid(), TEXT);
      try (Attack _ = world.server.onFrames(Lies.message(world.chat,
          message -> message.toBuilder().setDeviceId(forged.header().device().bytes()).setBody(forged.bytes()).build())
          .only(world.bob.name()))) {
        world.alice.says(world.chat, "of Alice");
        world.bob.alarmed(new Alarm.MessageRefused(world.chat, world.ledger.lastSeq(world.chat), Fault.NOT_A_SIGNER));
      }
      world.bob.hears(world.chat, "hello", "hello, Alice");
      assertEquals(List.of("hello", "hello, Alice", "of Alice"), world.bob.history(world.chat));
      World.shown("message_of_a_foreign_device", Fault.NOT_A_SIGNER);
    }
  }

  @Test
  void a_grant_whose_key_is_another_than_the_record_commits_to_gives_no_key() throws Exception {
    try (World world = new World(SERVICE)) {
      Alarm.BadKey expected;
      try (Attack _ = world.server
          .onFrames(Lies.wraps(world.chat, wraps -> spoil(world, wraps)).only(world.bob.name()))) {
        world.alice.in(world.chat).rotate();
        world.alice.says(world.chat, "under the new key");
        // Bob complains of a wrap that does not open, and Alice grants him the key; of that he gets another one.
        Grant grant = granted(world);
        expected = new Alarm.BadKey(world.chat, new Epoch(2), Fault.BAD_COMMITMENT,
            Optional.of(new Opening.Evidence.OfGrant(grant)));
        world.bob.alarmed(expected);
        assertEquals(world.alice.uid(), grant.statement().granter().uid());
      }
      world.bob.hears(world.chat, "hello", "hello, Alice");
      world.bob.reopens();
      assertEquals(List.of("hello", "hello, Alice", "under the new key"), world.bob.history(world.chat));
      World.shown("grant_of_another_key", World.name(expected));
    }
  }

  @Test
  void a_grant_in_the_name_of_a_member_without_the_members_signature_gives_no_key() throws Exception {
    try (World world = new World(SERVICE)) {
      Alarm.BadKey expected = new Alarm.BadKey(world.chat, new Epoch(2), Fault.BAD_SIGNATURE, Optional.empty());
      try (Attack _ = world.server
          .onFrames(Lies.wraps(world.chat, wraps -> forge(world, wraps)).only(world.bob.name()))) {
        world.alice.in(world.chat).rotate();
        world.bob.alarmed(expected);
      }
      world.bob.reopens();
      world.bob.says(world.chat, "under her key");
      world.alice.hearsLast(world.chat, "under her key");
      World.shown("grant_in_a_members_name", World.name(expected));
    }
  }

  @Test
  void a_record_of_one_kind_is_none_of_another() throws Exception {
    try (World world = new World(SERVICE)) {
      world.alice.in(world.chat).rotate();
      world.bob.reaches(world.chat, 2);
      EpochRecord epoch = world.ledger.epoch(world.chat);
      ByteString account = world.ledger.account(world.alice.uid()).getFirst();
      List<ByteString> others = List.of(
          account, world.ledger.genesis(world.chat), world.server.asked(world.alice.name()).stream()
              .filter(ClientFrame::hasSend).findFirst().orElseThrow().getSend().getBody(),
          forgedGrant(world, epoch).bytes());
      for (ByteString other : others) {
        Alarm expected = new Alarm.RecordRefused(world.chat, fault(EpochRecord.read(other)));
        try (
            Attack _ = world.server
                .onFrames(Lies.epochs(world.chat, shown -> shown.addRecords(other).setCurrentEpoch(3)));
            Attack _ = world.server.onRequests(Lies.moved(world.chat, 3).only(world.bob.name()))) {
          world.bob.isBlocked(expected, () -> world.bob.says(world.chat, "in which epoch?"));
        }
      }
      for (ByteString other : List.of(account, epoch.bytes(), world.ledger.genesis(world.chat))) {
        try (Attack _ = world.server.onFrames(
            Lies.message(world.chat, message -> message.toBuilder().setBody(other).build()).only(world.bob.name()))) {
          world.alice.says(world.chat, "a message");
          world.bob.alarmed(
              new Alarm.MessageRefused(world.chat, world.ledger.lastSeq(world.chat), fault(Envelope.read(other))));
        }
      }
      world.bob.says(world.chat, "in this epoch");
      world.alice.hearsLast(world.chat, "in this epoch");
      World.shown("record_as_another", "kinds=" + (others.size() + 3));
    }
  }

  private static void spoil(World world, Wraps.Builder wraps) {
    wraps.getWrapsBuilderList().stream().filter(wrap -> wrap.getEpoch() == 2).forEach(wrap -> {
      if (wrap.getGrant().isEmpty()) {
        wrap.setWrap(ByteString.EMPTY);
      } else {
        Grant grant = Records.value(Grant.read(wrap.getGrant()));
        wrap.setWrap(RawWrap.of(KEY, grant.statement(), world.ledger.chain(world.bob.uid()).last().statement().aek()));
      }
    });
  }

  private static void forge(World world, Wraps.Builder wraps) {
    if (wraps.getWrapsList().stream().anyMatch(wrap -> wrap.getEpoch() == 2)) {
      Grant grant = forgedGrant(world, world.ledger.epoch(world.chat));
      wraps.clearWraps().addWraps(KeyWrap.newBuilder().setEpoch(2).setGrant(grant.bytes())
          .setWrap(RawWrap.of(KEY, grant.statement(), world.ledger.chain(world.bob.uid()).last().statement().aek())));
    }
  }

  private static Grant forgedGrant(World world, EpochRecord epoch) {
    return world.stranger().grant(epoch, epoch.statement().rotator(),
        epoch.statement().entry(world.bob.uid()).orElseThrow());
  }

  private static Grant granted(World world) {
    List<Grant> grants = new ArrayList<>();
    Until.holds(SOON, "alice granted the key", () -> {
      world.server.asked(world.alice.name()).stream().filter(ClientFrame::hasPutGrant)
          .forEach(frame -> grants.add(Records.value(Grant.read(frame.getPutGrant().getGrant()))));
      return !grants.isEmpty();
    });
    return grants.getFirst();
  }

  private static Fault fault(Reading<?> reading) {
    return ((Reading.Unreadable<?>) reading).fault();
  }

  static void tellChanged(World world, Person listener, Person changed) {
    world.server.tell(listener.name(), ServerFrame.newBuilder()
        .setAccountChanged(AccountChanged.newBuilder().setUid(changed.uid().bytes()).setLastSeq(2)).build());
  }
}
