// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.simulation;

import static io.gatling.javaapi.core.CoreDsl.bodyBytes;
import static io.gatling.javaapi.core.CoreDsl.bodyString;
import static io.gatling.javaapi.core.CoreDsl.doIfOrElse;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.http.HttpDsl.ws;

import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import java.util.function.BiFunction;
import java.util.function.Function;

/// Requests and their replies over one WebSocket, in the subprotocol of the device. A reply belongs to the request
/// whose number it names; a refusal fails the request under its code's name.
final class Talk {
  static final String OK = "ok";
  /// What the time from a request to its reply is called, after the request's name.
  static final String ANSWERED = " answered";
  static final String DEVICE = "device";

  private static final String PATH = "/v1/connect";
  private static final String FRAME = "frame";
  private static final int WAIT_SECONDS = 30;

  private Talk() {
  }

  static Device device(Session session) {
    Device device = session.get(DEVICE);
    if (device == null) {
      throw new IllegalStateException("the scenario begins with a device");
    }
    return device;
  }

  /// Connects, and waits for the service's first frame.
  static ChainBuilder connect() {
    return inItsWords(
        exec(ws("connect").connect(PATH).subprotocol(Subprotocol.PROTOBUF.wireName()).await(WAIT_SECONDS)
            .on(ws.checkBinaryMessage("challenge")
                .check(bodyBytes().transform(bytes -> Subprotocol.read(bytes).hasChallenge()).is(true)))),
        exec(ws("connect").connect(PATH).subprotocol(Subprotocol.JSON.wireName()).await(WAIT_SECONDS)
            .on(ws.checkTextMessage("challenge")
                .check(bodyString().transform(json -> Subprotocol.read(json).hasChallenge()).is(true)))));
  }

  /// Hears what is there, because Gatling forgets it at the next request; then asks, and hands the reply to this very
  /// request to the device, which says [#OK] or what is wrong with it.
  static ChainBuilder ask(String name, Function<Device, ClientFrame> question,
      BiFunction<Device, ServerFrame, String> verdict) {
    ChainBuilder binary = exec(ws(name).sendBytes(session -> frame(session).toByteArray()).await(WAIT_SECONDS)
        .on(ws.checkBinaryMessage(name + ANSWERED)
            .matching(bodyBytes().transformWithSession((bytes, session) -> replyTo(session, Subprotocol.read(bytes)))
                .is(Talk::request))
            .check(bodyBytes()
                .transformWithSession((bytes, session) -> judged(verdict, session, Subprotocol.read(bytes))).is(OK))));
    ChainBuilder text = exec(ws(name).sendText(session -> Subprotocol.text(frame(session))).await(WAIT_SECONDS)
        .on(ws.checkTextMessage(name + ANSWERED)
            .matching(bodyString().transformWithSession((json, session) -> replyTo(session, Subprotocol.read(json)))
                .is(Talk::request))
            .check(bodyString()
                .transformWithSession((json, session) -> judged(verdict, session, Subprotocol.read(json))).is(OK))));
    return exec(hear()).exec(session -> session.set(FRAME, question.apply(device(session))))
        .exec(inItsWords(binary, text)).exitHereIfFailed();
  }

  /// Gatling forgets what comes while a reply is waited for and is not that reply, so it is heard here.
  private static Long replyTo(Session session, ServerFrame frame) {
    device(session).hear(frame, System.currentTimeMillis());
    return frame.getReplyTo();
  }

  private static String judged(BiFunction<Device, ServerFrame, String> verdict, Session session, ServerFrame reply) {
    return reply.hasError() ? reply.getError().getName() : verdict.apply(device(session), reply);
  }

  /// What came without being asked for, since the last time.
  static ChainBuilder hear() {
    return exec(ws.processUnmatchedMessages((messages, session) -> {
      messages.forEach(message -> device(session).hear(Subprotocol.read(message), message.timestamp()));
      return session;
    }));
  }

  static ChainBuilder close() {
    return exec(ws("close").close());
  }

  private static ChainBuilder inItsWords(ChainBuilder binary, ChainBuilder text) {
    return doIfOrElse(session -> device(session).subprotocol() == Subprotocol.PROTOBUF).then(binary).orElse(text);
  }

  private static ClientFrame frame(Session session) {
    ClientFrame frame = session.get(FRAME);
    if (frame == null) {
      throw new IllegalStateException("a question was made before it is sent");
    }
    return frame;
  }

  private static Long request(Session session) {
    return device(session).request();
  }
}
