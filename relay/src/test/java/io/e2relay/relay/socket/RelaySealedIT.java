// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Subscribe;
import io.e2relay.relay.world.SealedSender;
import io.e2relay.relay.world.World;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/// Real sockets to one relay, in an encrypted conversation.
@TestInstance(Lifecycle.PER_CLASS)
final class RelaySealedIT {
  private static final ByteString ROOM = World.conversation(2);
  private static final ByteString ANNE = World.user(1);
  private static final ByteString BOB = World.user(2);
  private static final ByteString DEVICE = ByteString.copyFrom(new byte[16]);
  private static final Hash HASH = new Hash(SealedSender.random(Hash.BYTES));
  private static final int SAMPLES = 400;
  private static final int PIPELINED = 200;

  private final TestCertificate certificate;
  private final SealedSender phone = new SealedSender(ROOM, ANNE, DEVICE, HASH);

  RelaySealedIT(@TempDir Path folder) throws Exception {
    certificate = TestNode.certificate(folder);
  }

  @Test
  void a_tombstone_is_stored_with_the_devices_signature_only_whatever_the_setting() throws Exception {
    try (TestNode node = node("off")) {
      TestClient anne = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
      ServerFrame refused = send(anne, SealedSender.forged(phone.tombstone(1, 1)));
      assertEquals(ErrorCode.RECORD_REFUSED.number(), refused.getError().getCode());
      assertEquals("BAD_SIGNATURE", refused.getError().getFault());
      assertEquals(1, node.world.head(ROOM));
      assertTrue(send(anne, phone.tombstone(1, 1)).hasSent());
      assertEquals(1, signatures(node, "forged"));
      assertEquals(1, signatures(node, "genuine"));
      assertEquals(1,
          node.meters.get("e2relay_refused_envelopes_total").tag("code", "RECORD_REFUSED").counter().count());
    }
  }

  @Test
  void forged_messages_are_stored_now_and_then_or_never_as_the_operator_wants() throws Exception {
    assertEquals(0, refusedOf(SAMPLES, "off"));
    assertEquals(SAMPLES, refusedOf(SAMPLES, "all"));
    int sampled = refusedOf(SAMPLES, "sampled");
    assertTrue(sampled > 0 && sampled < SAMPLES / 4, () -> "refused " + sampled);
    IO.println("shown: signatures forged=%d refused_off=0 refused_sampled=%d refused_all=%d".formatted(SAMPLES, sampled,
        SAMPLES));
  }

  @Test
  void messages_sent_at_once_keep_their_order_while_their_signatures_are_looked_at() throws Exception {
    try (TestNode node = node("all")) {
      TestClient anne = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
      List<ByteString> sent = new ArrayList<>();
      long last = 0;
      for (int i = 1; i <= PIPELINED; i++) {
        Envelope message = phone.message(1, i);
        sent.add(message.bytes());
        last = anne.write(ClientFrame.newBuilder().setSend(SealedSender.request(message)));
      }
      long end = last;
      assertTrue(anne.next(frame -> frame.getReplyTo() == end).hasSent());
      List<ByteString> stored = new ArrayList<>();
      for (int seq = 2; seq <= 1 + PIPELINED; seq++) {
        stored.add(node.world.entry(ROOM, seq).getMessage().getBody());
      }
      assertEquals(sent, stored);
      assertEquals(PIPELINED, signatures(node, "genuine"));
    }
  }

  @Test
  void a_removed_member_is_refused_at_once_before_there_is_another_epoch() throws Exception {
    try (TestNode node = node("off")) {
      TestClient anne = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
      TestClient bob = TestClient.welcomed(node, 2, Subprotocol.JSON);
      SealedSender bobs = new SealedSender(ROOM, BOB, DEVICE, HASH);
      node.world.proven(BOB, bobs.deviceKey());
      TestClient proven = TestClient.welcomed(node, 2, Subprotocol.PROTOBUF);
      assertTrue(send(proven, bobs.message(1, 1)).hasSent());
      assertTrue(fetch(bob).hasPage());
      assertFalse(subscribe(bob).getSubscribed().getResults(0).hasError());

      Entry closed = node.world.remove(ROOM, BOB);
      node.answers.hint(closed);
      assertEquals("NOT_A_MEMBER", fetch(bob).getError().getName());
      assertEquals("NOT_A_MEMBER", subscribe(bob).getSubscribed().getResults(0).getError().getName());
      assertEquals("NOT_A_MEMBER", send(proven, bobs.message(1, 2)).getError().getName());
      // Those who stay know that somebody has to open the next epoch, and read on.
      ServerFrame refused = send(anne, phone.message(1, 1));
      assertEquals("EPOCH_CLOSED", refused.getError().getName());
      assertEquals(1, refused.getError().getCurrentEpoch());
      assertTrue(fetch(anne).getPage().getEntries(2).getControl().getClosed());
    }
  }

  @Test
  void a_pending_member_reads_and_writes_nothing_until_there_is_a_key() throws Exception {
    try (TestNode node = node("off")) {
      node.world.pending(ROOM, World.user(3));
      SealedSender caras = new SealedSender(ROOM, World.user(3), DEVICE, HASH);
      node.world.proven(World.user(3), caras.deviceKey());
      TestClient cara = TestClient.welcomed(node, 3, Subprotocol.PROTOBUF);
      assertEquals("MEMBER_PENDING", fetch(cara).getError().getName());
      assertEquals("MEMBER_PENDING", subscribe(cara).getSubscribed().getResults(0).getError().getName());
      assertEquals("MEMBER_PENDING", send(cara, caras.message(1, 1)).getError().getName());
      node.world.members(ROOM, Set.of(ANNE, BOB, World.user(3)));
      assertTrue(send(cara, caras.message(2, 1)).hasSent());
      assertTrue(fetch(cara).hasPage());
      assertFalse(subscribe(cara).getSubscribed().getResults(0).hasError());
    }
  }

  @Test
  void a_signature_that_is_looked_at_costs_its_sender_that_time_only() throws Exception {
    for (String setting : List.of("off", "all")) {
      try (TestNode node = node(setting)) {
        TestClient anne = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
        long startedNanos = System.nanoTime();
        for (int i = 1; i <= SAMPLES; i++) {
          assertTrue(send(anne, phone.message(1, i)).hasSent());
        }
        long tookNanos = System.nanoTime() - startedNanos;
        assertEquals(setting.equals("all") ? SAMPLES : 0, signatures(node, "genuine"));
        IO.println("shown: signature-time setting=%s messages=%d mean_us=%d".formatted(setting, SAMPLES,
            tookNanos / SAMPLES / 1_000));
      }
    }
  }

  private int refusedOf(int forged, String setting) throws Exception {
    try (TestNode node = node(setting)) {
      TestClient anne = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
      int refused = 0;
      for (int seq = 1, i = 0; i < forged; i++) {
        ServerFrame reply = send(anne, SealedSender.forged(phone.message(1, seq)));
        if (reply.hasSent()) {
          seq++;
        } else {
          assertEquals("BAD_SIGNATURE", reply.getError().getFault());
          refused++;
        }
      }
      assertEquals(1L + forged - refused, node.world.head(ROOM));
      // The control.
      assertTrue(send(anne, phone.message(1, 1 + forged - refused)).hasSent());
      return refused;
    }
  }

  private TestNode node(String signatures) throws Exception {
    TestNode node = new TestNode(certificate, TestNode.settings("relay.signatures", signatures,
        "relay.requests.per.second", "10000", "relay.requests.burst", "10000", "relay.requests.in.flight", "1000"));
    node.world.members(ROOM, Set.of(ANNE, BOB));
    node.world.encrypted(ROOM, HASH.bytes());
    node.world.proven(ANNE, phone.deviceKey());
    return node;
  }

  private static ServerFrame send(TestClient client, Envelope envelope) throws Exception {
    return client.ask(ClientFrame.newBuilder().setSend(SealedSender.request(envelope)));
  }

  private static ServerFrame fetch(TestClient client) throws Exception {
    return client.ask(ClientFrame.newBuilder().setFetch(Fetch.newBuilder().setConversationId(ROOM)));
  }

  private static ServerFrame subscribe(TestClient client) throws Exception {
    return client.ask(ClientFrame.newBuilder()
        .setSubscribe(Subscribe.newBuilder().addCursors(Cursor.newBuilder().setConversationId(ROOM))));
  }

  private static double signatures(TestNode node, String verdict) {
    return node.meters.get("e2relay_signatures_total").tag("verdict", verdict).counter().count();
  }
}
