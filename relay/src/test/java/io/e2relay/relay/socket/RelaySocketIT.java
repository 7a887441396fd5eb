// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.GetConversation;
import io.e2relay.protocol.wire.Hello;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.relay.world.World;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.http.WebSocketFrame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Real sockets over TLS against one relay with its ordinary settings.
@TestInstance(Lifecycle.PER_CLASS)
final class RelaySocketIT {
  private static final int HELLO_BYTES = 16 * 1024;
  private static final int FRAME_BYTES = 512 * 1024;

  private final TestNode node;

  RelaySocketIT(@TempDir Path folder) throws Exception {
    node = new TestNode(TestNode.certificate(folder), TestNode.settings("relay.origins", "https://friend.example"));
  }

  @AfterAll
  void close() throws Exception {
    node.close();
  }

  @ParameterizedTest
  @EnumSource(Subprotocol.class)
  void a_message_goes_from_socket_to_store_to_sockets(Subprotocol subprotocol) throws Exception {
    TestClient anne = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
    TestClient bob = TestClient.welcomed(node, 2, subprotocol);
    long before = node.world.head(TestNode.ROOM);
    bob.subscribe(before);
    assertEquals(before, bob.next(ServerFrame::hasCaughtUp).getCaughtUp().getLastSeq());
    ServerFrame sent = anne.send("hello");
    assertEquals(before + 1, sent.getSent().getSeq());
    ServerFrame event = bob.next(ServerFrame::hasMessage);
    assertEquals(0, event.getReplyTo());
    assertTrue(event.getServerMs() > 0);
    assertEquals("hello", event.getMessage().getBody().toStringUtf8());
    assertEquals(before + 1, event.getMessage().getSeq());
    ServerFrame page = bob.ask(
        ClientFrame.newBuilder().setFetch(Fetch.newBuilder().setConversationId(TestNode.ROOM).setAfterSeq(before)));
    assertEquals("hello", page.getPage().getEntries(0).getMessage().getBody().toStringUtf8());
  }

  @Test
  void only_known_subprotocols_are_let_in() throws Exception {
    assertRejected(400, TestClient.options(node));
    assertRejected(400, TestClient.options(node).addSubProtocol("e2r.v0"));
    String body = assertRejected(400, TestClient.options(node)).getBody().toString();
    assertTrue(body.contains("e2r.v1.pb") && body.contains("e2r.v1.json"), body);
    TestClient chosen = TestClient.connect(node,
        TestClient.options(node).addSubProtocol("e2r.v9").addSubProtocol("e2r.v1.json"));
    assertEquals("e2r.v1.json", chosen.socket.subProtocol());
  }

  @Test
  void only_known_origins_are_let_in() throws Exception {
    assertRejected(403, offering().putHeader("Origin", "https://foreign.example"));
    assertRejected(403, offering().putHeader("Origin", "null"));
    TestClient.connect(node, offering().putHeader("Origin", "https://friend.example"));
    TestClient.connect(node, offering().putHeader("Origin", "https://localhost:" + node.port));
    TestClient.connect(node, offering());
  }

  @Test
  void an_upgrade_with_a_body_is_refused_before_it_takes_a_place() throws Exception {
    assertRejected(400, offering().putHeader("Content-Length", "9000"));
    assertRejected(400, offering().putHeader("Transfer-Encoding", "chunked"));
    TestClient.connect(node, offering().putHeader("Content-Length", "0"));
  }

  @Test
  void the_socket_has_one_path() throws Exception {
    assertRejected(404, offering().setURI("/v2/connect"));
    TestClient.connect(node, offering());
  }

  @Test
  void a_frame_before_hello_closes() throws Exception {
    TestClient client = TestClient.connect(node, Subprotocol.PROTOBUF);
    client.write(
        ClientFrame.newBuilder().setGetConversation(GetConversation.newBuilder().setConversationId(TestNode.ROOM)));
    client.assertRefused(ErrorCode.HELLO_FIRST);
    client.assertCloses(CloseCode.PROTOCOL);
  }

  @Test
  void refused_tokens_close_with_their_codes() throws Exception {
    TestClient expired = TestClient.connect(node, Subprotocol.JSON);
    assertEquals("TOKEN_EXPIRED", expired.hello("expired").getError().getName());
    expired.assertCloses(CloseCode.TOKEN_EXPIRED);
    TestClient forged = TestClient.connect(node, Subprotocol.PROTOBUF);
    assertEquals("TOKEN_INVALID", forged.hello("forged").getError().getName());
    forged.assertCloses(CloseCode.TOKEN_REFUSED);
  }

  @Test
  void before_welcome_a_frame_at_the_limit_passes_and_one_byte_more_closes() throws Exception {
    TestClient at = TestClient.connect(node, Subprotocol.PROTOBUF);
    at.socket.writeFinalBinaryFrame(frameOf(HELLO_BYTES));
    at.next(frame -> frame.getReplyTo() == 1);
    TestClient above = TestClient.connect(node, Subprotocol.PROTOBUF);
    above.socket.writeFinalBinaryFrame(frameOf(HELLO_BYTES + 1));
    above.assertCloses(CloseCode.TOO_LARGE);
    TestClient far = TestClient.connect(node, Subprotocol.PROTOBUF);
    far.socket.writeFinalBinaryFrame(frameOf(4 << 20));
    far.assertCloses(CloseCode.TOO_LARGE);
  }

  @Test
  void after_welcome_a_frame_at_the_limit_passes_and_one_byte_more_closes() throws Exception {
    TestClient at = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
    at.socket.writeFinalBinaryFrame(frameOf(FRAME_BYTES));
    at.next(frame -> frame.getReplyTo() == 1);
    assertFalse(at.isClosed());
    TestClient above = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
    above.socket.writeFinalBinaryFrame(frameOf(FRAME_BYTES + 1));
    above.assertCloses(CloseCode.TOO_LARGE);
    TestClient far = TestClient.welcomed(node, 1, Subprotocol.JSON);
    far.socket.writeFinalTextFrame("x".repeat(6 << 20));
    far.assertCloses(CloseCode.TOO_LARGE);
  }

  @Test
  void fragments_are_one_frame_and_count_together() throws Exception {
    TestClient whole = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
    byte[] request = TestClient.message("in parts").setId(77).build().toByteArray();
    whole.socket.writeFrame(WebSocketFrame.binaryFrame(Buffer.buffer(request).slice(0, 5), false));
    whole.socket.writeFrame(WebSocketFrame.continuationFrame(Buffer.buffer(), false));
    whole.socket.writeFrame(WebSocketFrame.continuationFrame(Buffer.buffer(request).slice(5, request.length), true));
    assertTrue(whole.next(frame -> frame.getReplyTo() == 77).hasSent());
    TestClient above = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
    above.socket.writeFrame(WebSocketFrame.binaryFrame(Buffer.buffer(new byte[FRAME_BYTES]), false));
    above.socket.writeFrame(WebSocketFrame.continuationFrame(Buffer.buffer(new byte[1]), true));
    above.assertCloses(CloseCode.TOO_LARGE);
  }

  @Test
  void garbage_is_malformed_and_three_of_it_close() throws Exception {
    for (Subprotocol subprotocol : Subprotocol.values()) {
      TestClient client = TestClient.welcomed(node, 1, subprotocol);
      for (int i = 0; i < 3; i++) {
        assertFalse(client.isClosed());
        switch (subprotocol) {
          case PROTOBUF -> client.socket.writeFinalBinaryFrame(Buffer.buffer("\u0007garbage"));
          case JSON -> client.socket.writeFinalTextFrame("{garbage");
        }
        client.assertRefused(ErrorCode.MALFORMED);
      }
      client.assertCloses(CloseCode.PROTOCOL);
    }
  }

  @Test
  void the_other_subprotocols_kind_of_frame_closes() throws Exception {
    TestClient text = TestClient.connect(node, Subprotocol.PROTOBUF);
    text.socket.writeFinalTextFrame("{}");
    text.assertCloses(CloseCode.PROTOCOL);
    TestClient binary = TestClient.connect(node, Subprotocol.JSON);
    binary.socket.writeFinalBinaryFrame(Buffer.buffer(new byte[]{1}));
    binary.assertCloses(CloseCode.PROTOCOL);
  }

  @Test
  void what_is_no_websocket_frame_closes() throws Exception {
    byte[][] bad = {{(byte) 0x82, 1, 0}, {(byte) 0xf2, (byte) 0x80, 0, 0, 0, 0}, {(byte) 0x83, (byte) 0x80, 0, 0, 0, 0},
        {(byte) 0x80, (byte) 0x80, 0, 0, 0, 0}, {(byte) 0x09, (byte) 0x80, 0, 0, 0, 0}};
    for (byte[] bytes : bad) {
      try (RawSocket raw = new RawSocket(node, "e2r.v1.pb")) {
        raw.write(bytes);
        assertEquals(CloseCode.PROTOCOL.number(), raw.closeCode());
      }
    }
    try (RawSocket raw = new RawSocket(node, "e2r.v1.pb")) {
      raw.read();
      raw.frame(0x89, "are you there".getBytes(StandardCharsets.US_ASCII));
      assertEquals(10, raw.read().opcode());
    }
  }

  @Test
  void text_that_is_not_utf_8_is_malformed() throws Exception {
    try (RawSocket raw = new RawSocket(node, "e2r.v1.json")) {
      raw.read();
      raw.frame(0x81, new byte[]{'{', (byte) 0xff, '}'});
      assertTrue(raw.read().payload().toStringUtf8().contains("MALFORMED"));
    }
  }

  @Test
  void a_client_that_ignores_the_rate_limit_is_refused_then_closed() throws Exception {
    TestClient control = TestClient.welcomed(node, 2, Subprotocol.PROTOBUF);
    TestClient flood = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
    for (int i = 0; i < 10_000; i++) {
      flood.write(ClientFrame.newBuilder()
          .setHello(Hello.newBuilder().setToken("again").setDeviceId(ByteString.copyFrom(new byte[16]))));
    }
    ServerFrame refused = flood
        .next(frame -> frame.hasError() && frame.getError().getName().equals(ErrorCode.TOO_FAST.name()));
    assertTrue(refused.getError().getRetryAfterMs() > 0);
    flood.assertCloses(CloseCode.TOO_FAST);
    assertTrue(control.send("still here").hasSent());
  }

  @Test
  void messages_sent_at_once_keep_their_order() throws Exception {
    TestClient anne = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
    TestClient bob = TestClient.welcomed(node, 2, Subprotocol.JSON);
    long before = node.world.head(TestNode.ROOM);
    bob.subscribe(before);
    for (int i = 0; i < 60; i++) {
      anne.write(TestClient.message("m" + i));
    }
    for (int i = 0; i < 60; i++) {
      String body = "m" + i;
      assertEquals(body,
          bob.next(frame -> frame.hasMessage() && frame.getMessage().getBody().toStringUtf8().startsWith("m"))
              .getMessage().getBody().toStringUtf8());
    }
  }

  @Test
  void a_page_that_does_not_fit_a_frame_is_shorter() throws Exception {
    TestClient anne = TestClient.welcomed(node, 1, Subprotocol.JSON);
    long before = node.world.head(TestNode.ROOM);
    for (int i = 0; i < 20; i++) {
      node.world.say(TestNode.ROOM, World.user(1), ByteString.copyFrom(new byte[60_000]));
    }
    long after = before;
    while (after < before + 20) {
      var page = anne
          .ask(
              ClientFrame.newBuilder().setFetch(Fetch.newBuilder().setConversationId(TestNode.ROOM).setAfterSeq(after)))
          .getPage();
      assertTrue(page.getEntriesCount() > 0 && page.getEntriesCount() < 9, () -> "" + page.getEntriesCount());
      assertEquals(after + page.getEntriesCount(), page.getThroughSeq());
      after = page.getThroughSeq();
    }
  }

  @Test
  void connections_are_registered_while_they_are_there() throws Exception {
    TestClient anne = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
    int during = node.registered.size();
    assertTrue(during > 0);
    anne.socket.close();
    Eventually.is(() -> node.registered.size() < during);
  }

  @Test
  void seqs_come_without_holes_to_a_late_subscriber() throws Exception {
    TestClient anne = TestClient.welcomed(node, 1, Subprotocol.PROTOBUF);
    long last = anne.send("the last").getSent().getSeq();
    TestClient bob = TestClient.welcomed(node, 2, Subprotocol.JSON);
    bob.subscribe(0);
    assertEquals(LongStream.rangeClosed(1, last).boxed().toList(), bob.seqsUpTo(last));
  }

  private WebSocketConnectOptions offering() {
    return TestClient.options(node).addSubProtocol("e2r.v1.pb");
  }

  private UpgradeRejectedException assertRejected(int status, WebSocketConnectOptions options) {
    UpgradeRejectedException rejected = assertThrows(UpgradeRejectedException.class,
        () -> TestClient.connect(node, options));
    assertEquals(status, rejected.getStatus());
    return rejected;
  }

  /// A Hello of exactly this many bytes: the token is refused, if it is looked at at all.
  private static Buffer frameOf(int bytes) throws IOException {
    ClientFrame.Builder frame = ClientFrame.newBuilder().setId(1)
        .setHello(Hello.newBuilder().setToken("x").setDeviceId(ByteString.copyFrom(new byte[16])));
    int missing = bytes - frame.build().getSerializedSize();
    frame.getHelloBuilder().setToken("x".repeat(missing));
    int over = frame.build().getSerializedSize() - bytes;
    frame.getHelloBuilder().setToken("x".repeat(missing - over));
    if (frame.build().getSerializedSize() != bytes) {
      throw new IOException("made " + frame.build().getSerializedSize());
    }
    return Buffer.buffer(frame.build().toByteArray());
  }
}
