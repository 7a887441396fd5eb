// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.id.DeviceId;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Where a service is and how to talk to it. Immutable; make one, and connect as many users as needed.
public final class Relay {
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
  private static final int CONNECTIONS_MAX = 10_000;

  private final List<URI> urls;
  private final @Nullable Path certificateAuthority;
  private final Subprotocol subprotocol;
  private final Duration requestTimeout;
  private final @Nullable DeviceId device;
  private final LoginProof proof;

  private Relay(List<URI> urls, @Nullable Path certificateAuthority, Subprotocol subprotocol, Duration requestTimeout,
      @Nullable DeviceId device, LoginProof proof) {
    this.urls = List.copyOf(urls);
    this.certificateAuthority = certificateAuthority;
    this.subprotocol = subprotocol;
    this.requestTimeout = requestTimeout;
    this.device = device;
    this.proof = proof;
  }

  /// The service at this address, for example wss://localhost:8443/v1/connect.
  public static Relay at(String url) {
    return new Relay(List.of(address(url)), null, Subprotocol.PROTOBUF, REQUEST_TIMEOUT, null, _ -> Optional.empty());
  }

  /// The same service at another address, which is tried when the one before cannot be reached or goes away.
  public Relay or(String url) {
    List<URI> more = new ArrayList<>(urls);
    more.add(address(url));
    return new Relay(more, certificateAuthority, subprotocol, requestTimeout, device, proof);
  }

  private static URI address(String url) {
    URI uri = URI.create(url);
    if (!"wss".equals(uri.getScheme())) {
      throw new IllegalArgumentException("a relay's address starts with wss://");
    }
    return uri;
  }

  /// Trusts the authorities of this PEM file, and no others.
  public Relay trusting(Path pem) {
    return new Relay(urls, pem, subprotocol, requestTimeout, device, proof);
  }

  public Relay over(Subprotocol chosen) {
    return new Relay(urls, certificateAuthority, chosen, requestTimeout, device, proof);
  }

  /// How long a request is tried, over reconnects and refusals that advise to retry, before it fails.
  public Relay timeout(Duration timeout) {
    return new Relay(urls, certificateAuthority, subprotocol, timeout, device, proof);
  }

  /// Connects as this device; without it each connection is a new device.
  public Relay as(DeviceId known) {
    return new Relay(urls, certificateAuthority, subprotocol, requestTimeout, known, proof);
  }

  /// Connects as this device, which proves it as soon as it belongs to an account.
  public Relay as(DeviceId known, LoginProof proving) {
    return new Relay(urls, certificateAuthority, subprotocol, requestTimeout, known, proving);
  }

  /// Connects with a token and waits until the service has welcomed it.
  public Client connect(String token) {
    return connect(() -> token);
  }

  /// Connects with tokens from this source, which is asked again before each expires.
  public Client connect(Supplier<String> tokens) {
    return Client.connect(this, tokens);
  }

  /// Where to try after so many tries elsewhere.
  URI url(int tries) {
    return urls.get(Math.floorMod(tries, urls.size()));
  }

  Subprotocol subprotocol() {
    return subprotocol;
  }

  Duration requestTimeout() {
    return requestTimeout;
  }

  @Nullable
  DeviceId device() {
    return device;
  }

  LoginProof proof() {
    return proof;
  }

  WebSocketClientOptions socketOptions() {
    WebSocketClientOptions options = new WebSocketClientOptions().setSsl(true).setMaxConnections(CONNECTIONS_MAX)
        .setMaxFrameSize(1 << 20).setMaxMessageSize(1 << 20).setConnectTimeout(5_000)
        .setTryUsePerMessageCompression(false).setTryUsePerFrameCompression(false);
    return certificateAuthority == null
        ? options
        : options.setTrustOptions(new PemTrustOptions().addCertPath(certificateAuthority.toString()));
  }

  /// All connections of this process share a few daemon threads.
  static Vertx vertx() {
    return Shared.VERTX;
  }

  private static final class Shared {
    private static final Vertx VERTX = Vertx.vertx(new VertxOptions().setUseDaemonThread(true));
  }
}
