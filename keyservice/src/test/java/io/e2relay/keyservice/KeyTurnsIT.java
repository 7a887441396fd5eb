// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.account.Put;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.keyservice.turn.Rooms;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.PutAccountCall;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Settings;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.wire.ChangeKind;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.PutAccount;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The worker that closes epochs, as the key service runs it.
@ExtendWith(BackingExtension.class)
final class KeyTurnsIT {
  private static final KeyConfig CONFIG = KeyConfig.read(new Settings(Map.of("keys.timeout.ms", "10000")));

  private final Vertx vertx = Vertx.vertx();
  private final Postgres postgres;
  private final PostgresSessions sessions;
  private final Rooms rooms;

  KeyTurnsIT(Postgres postgres) {
    this.postgres = postgres;
    KeySchemas.migrate(postgres);
    sessions = new PostgresSessions(vertx, postgres, new PostgresSessions.Bounds(2, 10, Duration.ofSeconds(10)));
    rooms = new Rooms(sessions);
  }

  @AfterEach
  void close() throws TimeoutException {
    sessions.close().await(10, SECONDS);
    vertx.close().await(10, SECONDS);
  }

  @Test
  void a_record_that_turns_the_key_closes_every_epoch_for_the_old_one_and_tells_of_each() throws Exception {
    Owner anne = new Owner(Named.TENANT, Ids.uid(Named.TENANT, "anne"), System.currentTimeMillis());
    Owner.Keys phone = Owner.Keys.make();
    AccountRecord first = anne.genesis(phone);
    ConversationId one = rooms.encrypted(anne.uid, 1, Rooms.user(), 1);
    ConversationId two = rooms.encrypted(anne.uid, 1, Rooms.user(), 1);
    Set<ConversationId> ids = Set.of(one, two);
    ConversationId others = rooms.encrypted(Rooms.user(), 1, Rooms.user(), 1);
    try (Station station = new Station(postgres, CONFIG)) {
      put(station, anne.put(first));
      AccountRecord second = anne.add(first, Owner.Keys.make());
      put(station, anne.put(second));
      put(station, anne.put(anne.revoke(second, phone.id())));
      Set<ConversationId> told = new HashSet<>();
      while (told.size() < ids.size()) {
        told.add(closed(station, anne.uid));
      }
      assertEquals(ids, told);
      assertEquals(2, station.registry.get("e2relay_keys_changes_total")
          .tag("kind", ChangeKind.CHANGE_KIND_KEYS_TURNED.name()).counter().count());
    }
    ids.forEach(id -> assertTrue(rooms.isClosed(id)));
    assertEquals(1, rooms.controls(others).size());
  }

  @Test
  void what_a_dead_node_left_is_done_on_start_and_what_comes_to_be_left_soon_after() throws Exception {
    Uid bob = Rooms.user();
    Uid carl = Rooms.user();
    ConversationId first = rooms.encrypted(bob, 1, Rooms.user(), 1);
    ConversationId second = rooms.encrypted(carl, 1, Rooms.user(), 1);
    rooms.job(bob, 2, 2);
    try (Station station = new Station(postgres, CONFIG)) {
      assertEquals(first, closed(station, bob));
      rooms.job(carl, 2, 2);
      assertEquals(second, closed(station, carl));
    }
    IO.println("shown: key_turn_left_behind found=start,sweep");
  }

  /// The next conversation that is told to be closed, because this user's key turned.
  private static ConversationId closed(Station station, Uid uid) throws InterruptedException {
    Control control = requireNonNull(station.committed.poll(20, SECONDS)).getEntries(0).getControl();
    assertTrue(control.getClosed());
    assertEquals(ChangeKind.CHANGE_KIND_KEYS_TURNED, control.getChanges(0).getKind());
    assertEquals(uid.bytes(), control.getChanges(0).getUid());
    return new ConversationId(control.getConversationId());
  }

  private static void put(Station station, Put put) throws TimeoutException {
    assertTrue(station.ask(Calls.PUT_ACCOUNT,
        PutAccountCall.newBuilder().setTenant(put.tenant().bytes()).setCaller(put.caller().bytes())
            .setRequest(PutAccount.newBuilder().setRecord(put.record().bytes()).addAllDeviceWraps(put.wraps())).build())
        .hasDone());
  }
}
