// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.protobuf.ByteString;
import io.e2relay.deploy.certificate.DevCertificate;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every byte of what is not edited gets through, also of frames that protobuf would write in another way.
final class LineTest {
  /// Body before id, and a field that nobody knows: what is written again after parsing has other bytes.
  private static final ByteString ASKED = ByteString.fromHex("9a0500" + "0807" + "f87f01");
  private static final ByteString TOLD = ByteString.fromHex("2200" + "1005" + "0807" + "f87f01");

  @Test
  void frames_that_no_edit_changes_pass_byte_for_byte_and_others_do_not(@TempDir Path folder) throws Exception {
    assertNotEquals(ASKED, ClientFrame.parseFrom(ASKED).toByteString());
    assertNotEquals(TOLD, ServerFrame.parseFrom(TOLD).toByteString());
    DevCertificate certificate = DevCertificate.in(folder, List.of("localhost"), Instant.now());
    BlockingQueue<byte[]> reachedServer = new LinkedBlockingQueue<>();
    BlockingQueue<byte[]> reachedClient = new LinkedBlockingQueue<>();
    Vertx vertx = Vertx.vertx();
    HttpServer real = listening(vertx, certificate, socket -> socket.binaryMessageHandler(bytes -> {
      reachedServer.add(bytes.getBytes());
      socket.writeBinaryMessage(Buffer.buffer(TOLD.toByteArray()));
    }));
    WebSocketClient sockets = vertx.createWebSocketClient(new WebSocketClientOptions().setSsl(true)
        .setTrustOptions(new PemTrustOptions().addCertPath(certificate.authority().toString())));
    try (MaliciousServer server = MaliciousServer.before(URI.create("wss://localhost:" + real.actualPort() + "/x"),
        certificate)) {
      ClientWebSocket client = connected(sockets.webSocket(), server.url(), reachedClient);
      client.writeBinaryMessage(Buffer.buffer(ASKED.toByteArray()));
      assertArrayEquals(ASKED.toByteArray(), next(reachedServer));
      assertArrayEquals(TOLD.toByteArray(), next(reachedClient));
      try (Attack _ = server.onRequests(Edit.change(_ -> true, frame -> frame.toBuilder().setId(8).build()))) {
        client.writeBinaryMessage(Buffer.buffer(ASKED.toByteArray()));
        assertEquals(8, ClientFrame.parseFrom(next(reachedServer)).getId());
      }
      assertEquals(List.of(ClientFrame.parseFrom(ASKED), ClientFrame.parseFrom(ASKED)), server.asked(""),
          "on record is what left the client");
    } finally {
      vertx.close().await(10, TimeUnit.SECONDS);
    }
  }

  private static byte[] next(BlockingQueue<byte[]> queue) throws InterruptedException {
    byte[] bytes = queue.poll(10, TimeUnit.SECONDS);
    if (bytes == null) {
      throw new AssertionError("nothing came within 10 s");
    }
    return bytes;
  }

  private static HttpServer listening(Vertx vertx, DevCertificate certificate, Consumer<ServerWebSocket> handler)
      throws Exception {
    HttpServerOptions options = new HttpServerOptions().setHost("127.0.0.1").setPort(0).setSsl(true)
        .addWebSocketSubProtocol(Subprotocol.PROTOBUF.token()).setKeyCertOptions(new PemKeyCertOptions()
            .addCertPath(certificate.chain().toString()).addKeyPath(certificate.key().toString()));
    return vertx.createHttpServer(options).webSocketHandler(handler::accept).listen().await(10, TimeUnit.SECONDS);
  }

  private static ClientWebSocket connected(ClientWebSocket client, URI url, BlockingQueue<byte[]> received)
      throws Exception {
    client.binaryMessageHandler(bytes -> received.add(bytes.getBytes()));
    client.connect(new WebSocketConnectOptions().setHost(url.getHost()).setPort(url.getPort()).setSsl(true)
        .setURI(url.getPath()).addSubProtocol(Subprotocol.PROTOBUF.token())).await(10, TimeUnit.SECONDS);
    return client;
  }
}
