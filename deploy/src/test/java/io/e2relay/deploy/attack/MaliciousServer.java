// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import io.e2relay.client.Relay;
import io.e2relay.deploy.certificate.DevCertificate;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A server that clients trust by its certificate, with the real one behind it: it passes frames of e2r.v1.pb on, and
/// may edit, drop, repeat, hold back or answer each of them. Whatever leaves a client is on record.
///
/// All lines share one event loop, so edits see one frame after another.
final class MaliciousServer implements AutoCloseable {
  private static final int FRAME_BYTES_MAX = 1 << 20;

  /// A frame that passed, and between whom.
  private record Passed<F>(String user, F frame) {
  }

  private final URI real;
  private final DevCertificate certificate;
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setUseDaemonThread(true));
  private final WebSocketClient upstream;
  private final HttpServer server;
  private final List<Line> lines = new CopyOnWriteArrayList<>();
  private final List<Edit<ClientFrame>> requestEdits = new CopyOnWriteArrayList<>();
  private final List<Edit<ServerFrame>> frameEdits = new CopyOnWriteArrayList<>();
  private final List<Passed<ClientFrame>> asked = new CopyOnWriteArrayList<>();
  private final List<Passed<ServerFrame>> told = new CopyOnWriteArrayList<>();

  private MaliciousServer(URI real, DevCertificate certificate) throws TimeoutException {
    this.real = real;
    this.certificate = certificate;
    this.upstream = vertx.createWebSocketClient(new WebSocketClientOptions().setSsl(true).setMaxConnections(1_000)
        .setTrustOptions(new PemTrustOptions().addCertPath(certificate.authority().toString()))
        .setMaxFrameSize(FRAME_BYTES_MAX).setMaxMessageSize(FRAME_BYTES_MAX));
    this.server = vertx
        .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0).setSsl(true)
            .setKeyCertOptions(new PemKeyCertOptions().addCertPath(certificate.chain().toString())
                .addKeyPath(certificate.key().toString()))
            .addWebSocketSubProtocol(Subprotocol.PROTOBUF.token()).setMaxWebSocketFrameSize(FRAME_BYTES_MAX)
            .setMaxWebSocketMessageSize(FRAME_BYTES_MAX))
        .webSocketHandler(this::connected);
    server.listen().await(10, TimeUnit.SECONDS);
  }

  static MaliciousServer before(ServiceExtension service) throws TimeoutException {
    return before(service.url(), service.certificate());
  }

  static MaliciousServer before(URI real, DevCertificate certificate) throws TimeoutException {
    return new MaliciousServer(real, certificate);
  }

  URI url() {
    return URI.create("wss://localhost:" + server.actualPort() + real.getPath());
  }

  /// The way of the SDK to this server.
  Relay relay() {
    return Relay.at(url().toString()).trusting(certificate.authority());
  }

  /// From now on this is done to what clients ask, after what is done already.
  Attack onRequests(Edit<ClientFrame> edit) {
    requestEdits.add(edit);
    return () -> requestEdits.remove(edit);
  }

  /// From now on this is done to what clients are told, after what is done already.
  Attack onFrames(Edit<ServerFrame> edit) {
    frameEdits.add(edit);
    return () -> frameEdits.remove(edit);
  }

  /// Everything that left this user's clients, in order, as it left them.
  List<ClientFrame> asked(String user) {
    return of(user, asked);
  }

  /// Everything that went to this user's clients, in order, as it reached them.
  List<ServerFrame> told(String user) {
    return of(user, told);
  }

  /// Says this to every connection of the user.
  void tell(String user, ServerFrame frame) {
    lines.stream().filter(line -> line.user().equals(user)).forEach(line -> line.tell(frame));
  }

  /// Breaks every connection of the user; their clients come back.
  void cut(String user) {
    lines.stream().filter(line -> line.user().equals(user)).forEach(Line::cut);
  }

  @Override
  public void close() throws TimeoutException {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private void connected(ServerWebSocket client) {
    client.pause();
    Context context = vertx.getOrCreateContext();
    ClientWebSocket behind = upstream.webSocket();
    Line line = Line.between(client, behind, context, new Editing());
    lines.add(line);
    client.endHandler(_ -> lines.remove(line));
    behind
        .connect(new WebSocketConnectOptions().setHost(real.getHost()).setPort(real.getPort()).setSsl(true)
            .setURI(client.uri()).addSubProtocol(Subprotocol.PROTOBUF.token()))
        .onComplete(_ -> line.connected(), _ -> client.close());
  }

  private final class Editing implements Line.Rules {
    @Override
    public List<ClientFrame> request(Line line, ClientFrame frame) {
      asked.add(new Passed<>(line.user(), frame));
      return edited(requestEdits, line, frame);
    }

    @Override
    public List<ServerFrame> frame(Line line, ServerFrame frame) {
      return edited(frameEdits, line, frame);
    }

    @Override
    public void told(Line line, ServerFrame frame) {
      told.add(new Passed<>(line.user(), frame));
    }
  }

  private static <F> List<F> edited(List<Edit<F>> edits, Line line, F frame) {
    List<F> frames = List.of(frame);
    for (Edit<F> edit : edits) {
      List<F> next = new ArrayList<>();
      frames.forEach(each -> next.addAll(edit.of(line, each)));
      frames = next;
    }
    return frames;
  }

  private static <F> List<F> of(String user, List<Passed<F>> passed) {
    return passed.stream().filter(each -> each.user().equals(user)).map(Passed::frame).toList();
  }
}
