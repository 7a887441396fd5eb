// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.relay.RelayNode;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The door: requests that want a WebSocket are let in or turned away, all others go on to the pages.
public final class Upgrade implements Handler<HttpServerRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(Upgrade.class);
  private static final String SUBPROTOCOLS = "Sec-WebSocket-Protocol";
  private static final String VERSION = "Sec-WebSocket-Version";

  private final RelayNode node;
  private final RelayLoop loop;
  private final Handler<HttpServerRequest> pages;
  private final UpgradeRule rule;

  public Upgrade(RelayNode node, RelayLoop loop, Handler<HttpServerRequest> pages) {
    this.node = node;
    this.loop = loop;
    this.pages = pages;
    this.rule = new UpgradeRule(node.config().listen().origins());
  }

  @Override
  public void handle(HttpServerRequest request) {
    if (!request.headers().contains(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET, true)) {
      pages.handle(request);
      return;
    }
    if (hasBody(request)) {
      // Vert.x waits for it before the handshake, and tells nobody when it is too long or never comes.
      refuse(request, 400, "An upgrade has no body.");
      return;
    }
    switch (rule.decide(asked(request))) {
      case UpgradeRule.Verdict.Accepted(var subprotocol) -> accept(request, subprotocol);
      case UpgradeRule.Verdict.Refused(var status, var text) -> refuse(request, status, text);
    }
  }

  private static boolean hasBody(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return request.headers().contains(HttpHeaders.TRANSFER_ENCODING) || (length != null && !length.equals("0"));
  }

  private void accept(HttpServerRequest request, Subprotocol subprotocol) {
    // Taken before the handshake, so that a storm cannot pass the limit while handshakes are under way.
    node.metrics().connected();
    // The one that was chosen, so that no two places choose.
    request.headers().set(SUBPROTOCOLS, subprotocol.token());
    request.toWebSocket().onComplete(socket -> loop.open(socket, subprotocol), failure -> {
      node.metrics().disconnected();
      LOG.debug("a WebSocket handshake failed: {}", failure.getClass().getSimpleName());
    });
  }

  private UpgradeRule.Asked asked(HttpServerRequest request) {
    List<String> offered = request.headers().getAll(SUBPROTOCOLS).stream()
        .flatMap(header -> Arrays.stream(header.split(",", -1))).map(String::strip).toList();
    boolean full = loop.isDraining() || node.metrics().connections() >= node.config().bounds().connections();
    return new UpgradeRule.Asked(request.path(), request.getHeader(VERSION), request.getHeader(HttpHeaders.ORIGIN),
        request.getHeader(HttpHeaders.HOST), offered, full);
  }

  private static void refuse(HttpServerRequest request, int status, String text) {
    HttpServerResponse response = request.response().setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE,
        "text/plain; charset=utf-8");
    if (status == 503) {
      response.putHeader(HttpHeaders.RETRY_AFTER, String.valueOf(UpgradeRule.RETRY_AFTER_SECONDS));
    }
    if (status == 426) {
      response.putHeader(VERSION, UpgradeRule.VERSION).putHeader(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET);
    }
    response.end(text + "\n");
  }
}
