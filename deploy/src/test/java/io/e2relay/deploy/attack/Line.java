// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocket;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/// One client's connection with the real server's behind it. Frames that no edit changes pass byte for byte.
final class Line {
  /// What is done to the frames of both directions, and who keeps a record of them.
  interface Rules {
    List<ClientFrame> request(Line line, ClientFrame frame);

    List<ServerFrame> frame(Line line, ServerFrame frame);

    /// Has left the server for the client.
    void told(Line line, ServerFrame frame);
  }

  private final ServerWebSocket client;
  private final WebSocket server;
  private final Context context;
  private final Rules rules;
  private final Map<Long, ClientFrame> requests = new HashMap<>();
  private volatile String user = "";
  private boolean connected;

  private Line(ServerWebSocket client, WebSocket server, Context context, Rules rules) {
    this.client = client;
    this.server = server;
    this.context = context;
    this.rules = rules;
  }

  /// Between a client whose reading is paused and a server that is not connected yet: nothing has been said.
  static Line between(ServerWebSocket client, WebSocket server, Context context, Rules rules) {
    Line line = new Line(client, server, context, rules);
    client.binaryMessageHandler(line::fromClient);
    server.binaryMessageHandler(line::fromServer);
    client.closeHandler(_ -> {
      if (line.connected) {
        line.close(server, client.closeStatusCode());
      }
    });
    server.closeHandler(_ -> line.close(client, server.closeStatusCode()));
    client.exceptionHandler(_ -> client.close());
    server.exceptionHandler(_ -> server.close());
    return line;
  }

  /// The real server is there: what the client says is read from now on.
  void connected() {
    connected = true;
    if (client.isClosed()) {
      server.close();
    }
    client.resume();
  }

  /// The host's name of who is here; empty before the Hello.
  String user() {
    return user;
  }

  /// What the client asked, if this is an answer.
  Optional<ClientFrame> request(ServerFrame frame) {
    return Optional.ofNullable(requests.get(frame.getReplyTo()));
  }

  /// Says something to the client that no edit sees.
  void tell(ServerFrame frame) {
    context.runOnContext(_ -> {
      rules.told(this, frame);
      write(client, frame);
    });
  }

  /// Says something to the real server, as the client, that no edit sees.
  void ask(ClientFrame frame) {
    context.runOnContext(_ -> write(server, frame));
  }

  /// Breaks the connection, as a network would.
  void cut() {
    context.runOnContext(_ -> {
      client.close();
      server.close();
    });
  }

  private void fromClient(Buffer bytes) {
    ClientFrame frame = parsed(bytes, ClientFrame::parseFrom);
    requests.put(frame.getId(), frame);
    if (frame.hasHello()) {
      user = subject(frame.getHello().getToken());
    }
    pass(bytes, frame, rules::request, server);
  }

  private void fromServer(Buffer bytes) {
    ServerFrame frame = parsed(bytes, ServerFrame::parseFrom);
    pass(bytes, frame, (line, each) -> {
      List<ServerFrame> edited = rules.frame(line, each);
      edited.forEach(one -> rules.told(line, one));
      return edited;
    }, client);
  }

  private <F extends Message> void pass(Buffer bytes, F frame, BiFunction<Line, F, List<F>> edit, WebSocket to) {
    for (F edited : edit.apply(this, frame)) {
      if (edited.equals(frame)) {
        write(to, bytes);
      } else {
        write(to, edited);
      }
    }
  }

  private static void write(WebSocket to, Message frame) {
    write(to, Buffer.buffer(frame.toByteArray()));
  }

  /// To a socket that has closed meanwhile nothing can be said: its close handler does the rest.
  private static void write(WebSocket to, Buffer bytes) {
    if (!to.isClosed()) {
      to.writeBinaryMessage(bytes);
    }
  }

  private Future<Void> close(WebSocket other, Short code) {
    // 1005 and 1006 stand for the absence of a code, and are never sent.
    return code == null || code == 1005 || code == 1006 ? other.close() : other.close(code);
  }

  private static String subject(String token) {
    String claims = new String(Base64.getUrlDecoder().decode(token.split("\\.")[1]), StandardCharsets.UTF_8);
    return new JsonObject(claims).getString("sub");
  }

  private interface Parser<F> {
    F parse(byte[] bytes) throws InvalidProtocolBufferException;
  }

  private static <F> F parsed(Buffer bytes, Parser<F> parser) {
    try {
      return parser.parse(bytes.getBytes());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("not a frame", e);
    }
  }
}
