// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.Opening;
import io.e2relay.client.e2ee.Alarm;
import io.e2relay.client.e2ee.BlockedException;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.wire.KeyWrap;
import io.e2relay.protocol.wire.Wraps;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A server that hands out keys of its own, or none, in the place of those that members made.
final class ServedKeyAttackIT {
  private static final ByteString KEY = ByteString.copyFromUtf8("a key that only the server knows");
  private static final ByteString ZEROS = ByteString.copyFrom(new byte[32]);
  private static final Epoch SECOND = new Epoch(2);

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void a_key_that_the_server_chose_is_not_the_one_the_record_commits_to() throws Exception {
    refused("key_of_the_server", (wraps, world) -> only(wraps, raw(world, KEY)),
        record -> new Alarm.BadKey(record.conversation(), SECOND, Fault.BAD_COMMITMENT,
            Optional.of(new Opening.Evidence.OfEpoch(record.record()))));
  }

  @Test
  void a_key_of_zeros_is_no_key() throws Exception {
    refused("key_of_zeros", (wraps, world) -> only(wraps, raw(world, ZEROS)), record -> cannotOpen(record));
  }

  @Test
  void an_empty_wrap_is_no_key() throws Exception {
    refused("empty_wrap", (wraps, _) -> only(wraps, ByteString.EMPTY), record -> cannotOpen(record));
  }

  @Test
  void the_wrap_of_the_epoch_before_is_no_key_of_this_one() throws Exception {
    refused("wrap_of_another_epoch",
        (wraps, world) -> only(wraps, world.ledger.wrap(world.chat, new Epoch(1), world.bob.uid())),
        record -> cannotOpen(record));
  }

  @Test
  void the_wrap_of_another_member_is_no_key() throws Exception {
    refused("wrap_of_another_member",
        (wraps, world) -> only(wraps, world.ledger.wrap(world.chat, SECOND, world.alice.uid())),
        record -> cannotOpen(record));
  }

  @Test
  void without_a_wrap_there_is_no_key() throws Exception {
    refused("no_wrap", (wraps, _) -> wraps.clearWraps(), record -> new Alarm.KeyMissing(record.conversation(), SECOND));
  }

  /// The record of the attacked epoch.
  private record Attacked(EpochRecord record) {
    io.e2relay.protocol.id.ConversationId conversation() {
      return record.statement().conversation();
    }
  }

  /// Alice makes a new key, and Bob is served something else. The control: then he is served what she made.
  private static void refused(String name, BiConsumer<Wraps.Builder, World> lie, Function<Attacked, Alarm> expected)
      throws Exception {
    try (World world = new World(SERVICE)) {
      Alarm alarm;
      try (Attack _ = world.server
          .onFrames(Lies.wraps(world.chat, wraps -> lie.accept(wraps, world)).only(world.bob.name()))) {
        world.alice.in(world.chat).rotate();
        world.alice.says(world.chat, "under the new key");
        alarm = expected.apply(new Attacked(world.ledger.epoch(world.chat)));
        world.bob.alarmed(alarm);
        assertEquals(alarm,
            assertThrows(BlockedException.class, () -> world.bob.says(world.chat, "under which key?")).alarm());
        world.bob.hears(world.chat, "hello", "hello, Alice");
      }
      assertEquals(List.of(), world.server.asked(world.bob.name()).stream()
          .filter(frame -> frame.hasSend() && frame.getSend().getEpoch() == 2).toList());
      world.bob.reopens();
      world.bob.says(world.chat, "under her key");
      world.alice.hearsLast(world.chat, "under her key");
      assertEquals(List.of("hello", "hello, Alice", "under the new key", "under her key"),
          world.bob.history(world.chat));
      World.shown(name, World.name(alarm));
    }
  }

  private static Alarm cannotOpen(Attacked attacked) {
    return new Alarm.BadKey(attacked.conversation(), SECOND, Fault.CANNOT_OPEN, Optional.empty());
  }

  private static void only(Wraps.Builder wraps, ByteString wrap) {
    if (wraps.getWrapsList().stream().anyMatch(each -> each.getEpoch() == 2)) {
      wraps.clearWraps().addWraps(KeyWrap.newBuilder().setEpoch(2).setWrap(wrap));
    }
  }

  private static ByteString raw(World world, ByteString key) {
    EpochStatement statement = world.ledger.epoch(world.chat).statement();
    Point aek = world.ledger.chain(world.bob.uid()).last().statement().aek();
    return RawWrap.of(key, statement, statement.entry(world.bob.uid()).orElseThrow(), aek);
  }
}
