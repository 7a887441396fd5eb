// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Hello;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Subscribe;
import io.e2relay.relay.world.World;
import io.vertx.core.http.UpgradeRejectedException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What happens at each bound of time and memory, with bounds that a test can reach.
final class RelayBoundsIT {
  private static final int BODY_BYTES = 60_000;
  // More than every buffer between the two ends can hold.
  private static final int MANY = 600;

  @TempDir
  private static Path folder;
  private static TestCertificate certificate;

  @BeforeAll
  static void makeCertificate() throws Exception {
    certificate = TestNode.certificate(folder);
  }

  @Test
  void without_a_pong_the_connection_is_idle() throws Exception {
    try (TestNode node = node("relay.ping.ms", "200")) {
      TestClient alive = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
      try (RawSocket raw = new RawSocket(node, "e2r.v1.pb")) {
        raw.read();
        assertEquals(9, raw.read().opcode());
        assertEquals(CloseCode.IDLE.number(), raw.closeCode());
      }
      assertEquals(1, node.closes(CloseCode.IDLE));
      assertTrue(alive.send("still here").hasSent());
    }
  }

  @Test
  void without_hello_the_connection_ends() throws Exception {
    try (TestNode node = node("relay.hello.ms", "200")) {
      TestClient alive = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
      TestClient.connect(node, Subprotocol.JSON).assertCloses(CloseCode.HELLO_TIMEOUT);
      assertFalse(alive.isClosed());
    }
  }

  @Test
  void a_reader_that_stops_is_closed_as_slow_while_the_others_get_everything() throws Exception {
    try (TestNode node = node("relay.lagging.ms", "1500")) {
      TestClient quick = TestClient.welcomed(node, 2, Subprotocol.PROTOBUF);
      TestClient slow = TestClient.welcomed(node, 3, Subprotocol.PROTOBUF);
      quick.subscribe(1);
      slow.subscribe(1);
      slow.next(ServerFrame::hasCaughtUp);
      slow.socket.pause();
      sayMany(node);
      assertEquals(LongStream.rangeClosed(2, MANY + 1).boxed().toList(), quick.seqsUpTo(MANY + 1));
      Eventually.is(() -> node.closes(CloseCode.SLOW) == 1);
      assertEquals(0, node.gauge("e2relay_lagging_connections"));
      slow.socket.resume();
      slow.assertCloses(CloseCode.SLOW);
    }
  }

  @Test
  void a_reader_that_never_reads_again_is_cut() throws Exception {
    try (TestNode node = node("relay.lagging.ms", "300"); RawSocket raw = new RawSocket(node, "e2r.v1.pb")) {
      raw.read();
      raw.frame(0x82, ClientFrame.newBuilder().setId(1)
          .setHello(Hello.newBuilder().setToken("user 1").setDeviceId(World.user(1))).build().toByteArray());
      assertTrue(ServerFrame.parseFrom(raw.read().payload()).hasWelcome());
      raw.frame(0x82,
          ClientFrame.newBuilder().setId(2)
              .setSubscribe(Subscribe.newBuilder().addCursors(Cursor.newBuilder().setConversationId(TestNode.ROOM)))
              .build().toByteArray());
      assertTrue(ServerFrame.parseFrom(raw.read().payload()).hasSubscribed());
      sayMany(node);
      Eventually.is(() -> node.closes(CloseCode.SLOW) == 1);
      Eventually.is(() -> node.gauge("e2relay_connections") == 0);
      TestClient control = TestClient.welcomed(node, 2, Subprotocol.PROTOBUF);
      assertTrue(control.send("still here").hasSent());
    }
  }

  @Test
  void a_reader_that_stalls_is_refilled_in_order_and_never_owed_more_than_the_bound() throws Exception {
    try (TestNode node = node("relay.lagging.ms", "60000")) {
      TestClient slow = TestClient.welcomed(node, 3, Subprotocol.JSON);
      slow.subscribe(1);
      slow.next(ServerFrame::hasCaughtUp);
      slow.socket.pause();
      sayMany(node);
      Eventually.is(() -> node.gauge("e2relay_lagging_connections") == 1);
      Eventually.is(() -> node.gauge("e2relay_outbound_bytes") > 0);
      // The bound, and the one frame that reached it.
      assertTrue(node.gauge("e2relay_outbound_bytes") < 256 * 1024 + 2 * BODY_BYTES);
      slow.socket.resume();
      assertEquals(LongStream.rangeClosed(2, MANY + 1).boxed().toList(), slow.seqsUpTo(MANY + 1));
      Eventually.is(() -> node.gauge("e2relay_lagging_connections") == 0);
      assertTrue(slow.send("and on").hasSent());
    }
  }

  @Test
  void when_the_others_do_not_answer_requests_are_unavailable_and_sockets_stay() throws Exception {
    try (TestNode node = node("relay.sweep.soon.ms", "50")) {
      TestClient anne = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
      TestClient bob = TestClient.welcomed(node, 2, Subprotocol.JSON);
      bob.subscribe(1);
      bob.next(ServerFrame::hasCaughtUp);
      node.answers.broken(true);
      ServerFrame refused = anne.send("not now");
      assertEquals(ErrorCode.UNAVAILABLE.name(), refused.getError().getName());
      assertTrue(refused.getError().getRetryAfterMs() > 0);
      TestClient late = TestClient.connect(node, Subprotocol.PROTOBUF);
      assertEquals(ErrorCode.UNAVAILABLE.name(), late.hello("user 3").getError().getName());
      Entry missed = node.world.say(TestNode.ROOM, World.user(1), ByteString.EMPTY);
      Eventually.is(() -> node.answers.asked(Calls.HEADS) > 1);
      node.answers.broken(false);
      assertEquals(List.of(missed.getMessage().getSeq()), bob.seqsUpTo(missed.getMessage().getSeq()));
      assertTrue(anne.send("now").hasSent());
      assertTrue(late.hello("user 3").hasWelcome());
    }
  }

  @Test
  void a_full_node_turns_newcomers_away() throws Exception {
    try (TestNode node = node("relay.connections", "1")) {
      TestClient only = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
      UpgradeRejectedException full = assertThrows(UpgradeRejectedException.class,
          () -> TestClient.connect(node, Subprotocol.PROTOBUF));
      assertEquals(503, full.getStatus());
      assertEquals("5", full.getHeaders().get("Retry-After"));
      only.socket.close();
      Eventually.is(() -> node.gauge("e2relay_connections") == 0);
      TestClient.welcomed(node, 2, Subprotocol.PROTOBUF);
    }
  }

  @Test
  void a_node_that_stops_says_so_and_closes_with_reconnect() throws Exception {
    try (TestNode node = node("relay.drain.spread.ms", "300")) {
      TestClient[] clients = new TestClient[6];
      for (int i = 0; i < clients.length; i++) {
        clients[i] = TestClient.welcomed(node, 1 + i % 3, i % 2 == 0 ? Subprotocol.PROTOBUF : Subprotocol.JSON);
      }
      node.undeploy();
      for (TestClient client : clients) {
        assertEquals(300, client.next(ServerFrame::hasDraining).getDraining().getSpreadMs());
        client.assertCloses(CloseCode.RESTARTING);
      }
      assertEquals(0, node.gauge("e2relay_connections"));
      assertEquals(0, node.registered.size());
    }
  }

  private static TestNode node(String... settings) throws Exception {
    return new TestNode(certificate, TestNode.settings(settings));
  }

  private static void sayMany(TestNode node) {
    ByteString body = ByteString.copyFrom(new byte[BODY_BYTES]);
    for (int i = 0; i < MANY; i++) {
      node.answers.hint(node.world.say(TestNode.ROOM, World.user(1), body));
    }
  }
}
