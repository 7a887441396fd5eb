// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.relay.RelayConfig;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// The HTTP server of the public port.
public final class ServerOptions {
  // For a client's answer to our close; after that the connection is cut.
  static final int CLOSING_SECONDS = 5;

  private ServerOptions() {
  }

  public static HttpServerOptions of(RelayConfig config) {
    // FrameGate closes frames above the limit with our own code; Vert.x must never come first.
    int frameBytesMax = 2 * config.limits().frameBytes();
    long idleMs = 3 * config.times().ping().toMillis() + config.times().laggingMax().toMillis();
    HttpServerOptions options = new HttpServerOptions().setHost(config.listen().host()).setPort(config.listen().port())
        .setWebSocketSubProtocols(Arrays.stream(Subprotocol.values()).map(Subprotocol::token).toList())
        .setMaxWebSocketFrameSize(frameBytesMax).setMaxWebSocketMessageSize(frameBytesMax)
        // Ciphertext does not compress, and compression leaks.
        .setPerFrameWebSocketCompressionSupported(false).setPerMessageWebSocketCompressionSupported(false)
        .setWebSocketClosingTimeout(CLOSING_SECONDS).setIdleTimeout((int) Math.max(1_000, idleMs))
        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
    if (config.listen().tls()) {
      // No HTTP/2: WebSockets need 1.1 here, and with it browsers sometimes waited for ever for the last bytes of a
      // file that they had asked for together with larger ones.
      options.setSsl(true).setUseAlpn(true).setAlpnVersions(List.of(HttpVersion.HTTP_1_1))
          .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3")).setKeyCertOptions(
              new PemKeyCertOptions().addCertPath(config.listen().certFile()).addKeyPath(config.listen().keyFile()));
      if (OpenSSLEngineOptions.isAvailable()) {
        options.setSslEngineOptions(new OpenSSLEngineOptions());
      }
    }
    return options;
  }
}
