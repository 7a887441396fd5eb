// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import static io.e2relay.keyservice.Station.user;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.backing.BackingExtension;
import io.e2relay.backing.BackingProcesses;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.ConversationReply;
import io.e2relay.protocol.bus.wire.DetachReply;
import io.e2relay.protocol.bus.wire.GetSelfCall;
import io.e2relay.protocol.bus.wire.OpenBackupCall;
import io.e2relay.protocol.bus.wire.Refusal;
import io.e2relay.protocol.config.Settings;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.OpenBackup;
import io.vertx.core.Future;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// PostgreSQL does not answer: every question is refused in time, and all goes on when PostgreSQL does.
@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KeyFaultIT {
  private static final Duration BACK_WITHIN = Duration.ofSeconds(5);

  private final BackingProcesses processes;
  private final Station station;

  KeyFaultIT(BackingProcesses processes) throws TimeoutException {
    this.processes = processes;
    KeySchemas.migrate(processes.postgres());
    station = new Station(processes.postgres(), KeyConfig.read(new Settings(Map.of())));
    station.relayAnswers(Future.succeededFuture(DetachReply.getDefaultInstance()));
  }

  @AfterAll
  void close() throws TimeoutException {
    station.close();
  }

  @Test
  void frozen() throws Exception {
    Uid admin = user();
    ByteString id = busy(admin);
    processes.freezePostgres();
    try {
      assertAllUnavailable(admin, id);
      // Now every connection is one that was given up.
      assertAllUnavailable(admin, id);
    } finally {
      processes.thawPostgres();
    }
    assertBack(admin, id);
  }

  @Test
  void killed() throws Exception {
    Uid admin = user();
    ByteString id = busy(admin);
    processes.killPostgres();
    try {
      assertAllUnavailable(admin, id);
    } finally {
      processes.startPostgres();
    }
    assertBack(admin, id);
  }

  @Test
  void stopped() throws Exception {
    Uid admin = user();
    ByteString id = busy(admin);
    processes.stopPostgres();
    try {
      assertAllUnavailable(admin, id);
    } finally {
      processes.startPostgres();
    }
    assertBack(admin, id);
  }

  @Test
  void a_change_that_waits_too_long_is_refused_and_leaves_nothing_behind() throws Exception {
    Uid admin = user();
    ByteString id = busy(admin);
    try (Connection other = DriverManager.getConnection(processes.postgres().jdbcUrl(), processes.postgres().user(),
        processes.postgres().password().reveal()); Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT 1 FROM keys.conversation FOR UPDATE");
      for (int tries = 0; tries < 2; tries++) {
        assertEquals(Replies.UNAVAILABLE, station.askInTime(Calls.ADD, Station.add(admin, id, user())).getRefusal());
      }
      assertEquals(1, station.ask(Calls.GET, Station.get(admin, id)).getConversation().getEpoch());
      other.rollback();
    }
    assertBack(admin, id);
    assertEquals(2, station.ask(Calls.GET, Station.get(admin, id)).getConversation().getEpoch());
  }

  /// A conversation, made with all connections of the pool in use.
  private ByteString busy(Uid admin) throws TimeoutException {
    ByteString id = station.create(admin, user()).getConversation().getConversationId();
    Future.all(IntStream.range(0, 30).mapToObj(_ -> station.bus.ask(Calls.GET, Station.get(admin, id))).toList())
        .await(20, SECONDS);
    assertTrue(station.ask(Calls.GET, Station.get(admin, id)).hasConversation());
    return id;
  }

  private void assertAllUnavailable(Uid admin, ByteString id) throws TimeoutException {
    List<Future<Refusal>> refusals = List.of(
        station.bus.ask(Calls.SIGN_IN, Station.signIn("erin")).map(reply -> reply.getRefusal()),
        station.bus.ask(Calls.CREATE, Station.creation(admin)).map(ConversationReply::getRefusal),
        station.bus.ask(Calls.GET, Station.get(admin, id)).map(ConversationReply::getRefusal),
        station.bus.ask(Calls.LIST, Station.list(admin)).map(reply -> reply.getRefusal()),
        station.bus.ask(Calls.ADD, Station.add(admin, id, user())).map(ConversationReply::getRefusal),
        station.bus.ask(Calls.REMOVE, Station.remove(admin, id, user())).map(ConversationReply::getRefusal),
        station.bus.ask(Calls.LEAVE, Station.leave(user(), id)).map(ConversationReply::getRefusal),
        station.bus.ask(Calls.JOIN, Station.join(user(), id, Station.random(16))).map(ConversationReply::getRefusal),
        station.bus.ask(Calls.MEMBERSHIP, Station.membership(admin, id)).map(reply -> reply.getRefusal()),
        station.bus.ask(Calls.ROSTER, Station.roster(id, 1)).map(reply -> reply.getRefusal()),
        station.bus.ask(Calls.OPEN_BACKUP, opening(admin)).map(reply -> reply.getRefusal()),
        station.bus.ask(Calls.GET_SELF, GetSelfCall.newBuilder().setCaller(admin.bytes()).build())
            .map(reply -> reply.getRefusal()));
    Future.join(refusals).await(Station.WITHIN.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
    refusals.forEach(refusal -> assertEquals(Replies.UNAVAILABLE, refusal.result()));
  }

  private static OpenBackupCall opening(Uid uid) {
    return OpenBackupCall.newBuilder().setTenant(Named.TENANT.bytes()).setCaller(uid.bytes())
        .setDeviceId(Station.random(16))
        .setRequest(OpenBackup.newBuilder().setBackupId(Station.random(16)).setAuth(Station.random(32))).build();
  }

  private void assertBack(Uid admin, ByteString id) throws TimeoutException {
    long deadline = System.nanoTime() + BACK_WITHIN.toNanos();
    ConversationReply reply = station.ask(Calls.GET, Station.get(admin, id));
    while (reply.hasRefusal() && System.nanoTime() < deadline) {
      assertEquals(Replies.UNAVAILABLE, reply.getRefusal());
      reply = station.ask(Calls.GET, Station.get(admin, id));
    }
    assertTrue(reply.hasConversation(), "not back in time");
    // Nothing of the refused changes is in the way of the next one.
    long epoch = reply.getConversation().getEpoch();
    ConversationReply added = station.ask(Calls.ADD, Station.add(admin, id, user()));
    assertTrue(added.getConversation().getEpoch() > epoch, added.toString());
  }
}
