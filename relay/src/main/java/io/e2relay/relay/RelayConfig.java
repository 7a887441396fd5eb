// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay;

import io.e2relay.protocol.config.Settings;
import io.e2relay.relay.session.SessionLimits;
import io.e2relay.relay.signature.SignatureChoice;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// How the relay listens, what a connection may ask for, and where everything ends.
public record RelayConfig(Listen listen, SessionLimits limits, Times times, Bounds bounds, SignatureChoice signatures) {
  private static final int KIB = 1024;
  private static final List<String> LOOPBACK = List.of("127.0.0.1", "::1", "localhost");

  /// Where clients come in. Without a certificate it is plain HTTP, for something on the same machine that ends TLS.
  public record Listen(String host, int port, String certFile, String keyFile, List<String> origins) {
    public boolean tls() {
      return !certFile.isEmpty();
    }
  }

  public record Times(Duration ping, Duration laggingMax, Duration drainSpread, Duration sweepEvery, Duration sweepSoon,
      Duration tick) {
  }

  public record Bounds(int connections, int outboundBytes, int pendingSends, int readsAtOnce, int rosterUids,
      int epochs) {
  }

  public static RelayConfig read(Settings settings) {
    Times times = times(settings);
    return new RelayConfig(listen(settings), limits(settings, times), times, bounds(settings), signatures(settings));
  }

  private static Listen listen(Settings settings) {
    String cert = settings.text("relay.tls.cert.file", "",
        "PEM file with the certificate chain; may be empty on loopback only, behind something that ends TLS.");
    String key = settings.text("relay.tls.key.file", "", "PEM file with the certificate's private key.");
    if (cert.isEmpty() != key.isEmpty()) {
      settings.mistake("relay.tls.key.file", "certificate and key come together, or neither");
    }
    String host = settings.text("relay.host", "127.0.0.1", "Address to listen on for clients.");
    if (cert.isEmpty() && !LOOPBACK.contains(host)) {
      settings.mistake("relay.tls.cert.file",
          "is missing: without it relay.host may only be one of " + String.join(", ", LOOPBACK));
    }
    String origins = settings.text("relay.origins", "",
        "Further origins of pages that may connect, with commas between; the server's own always may.");
    return new Listen(host,
        settings.number("relay.port", 8443, 0, 65_535, "Port for clients (WSS and HTTPS); 0 for any that is free."),
        cert, key, Arrays.stream(origins.split(",", -1)).map(String::strip).filter(o -> !o.isEmpty()).toList());
  }

  private static SessionLimits limits(Settings settings, Times times) {
    return new SessionLimits(
        settings.number("relay.hello.bytes", 16 * KIB, KIB, 64 * KIB, "Largest frame before Welcome, in bytes."),
        // The keys of a thousand members, in JSON, take a quarter of a MiB.
        settings.number("relay.frame.bytes", 512 * KIB, 256 * KIB, 512 * KIB, "Largest frame after Welcome, in bytes."),
        settings.number("relay.body.bytes", 66 * KIB, KIB, 66 * KIB, "Largest body of a message, in bytes."),
        settings.number("relay.requests.per.second", 100, 1, 100_000, "Requests per second and connection."),
        settings.number("relay.requests.burst", 200, 1, 100_000, "Requests that may come at once on a connection."),
        settings.number("relay.requests.in.flight", 64, 1, 1_000, "Unanswered requests per connection."),
        settings.number("relay.subscriptions", 1_000, 1, 10_000, "Subscriptions per connection."),
        settings.number("relay.members", 1_000, 1, 10_000, "Members that one request may name."),
        settings.number("relay.page.entries", 100, 1, 1_000, "Entries of the log per page."),
        settings.number("relay.list.entries", 100, 1, 1_000, "Conversations per page of a list."),
        settings.millis("relay.hello.ms", 5_000, 100, 60_000, "Time for Hello after the connection opened."),
        times.ping());
  }

  private static Times times(Settings settings) {
    return new Times(
        settings.millis("relay.ping.ms", 25_000, 50, 300_000,
            "Time between pings; a connection silent for the next such time is closed."),
        settings.millis("relay.lagging.ms", 60_000, 50, 600_000, "Time that a client may go without reading."),
        settings.millis("relay.drain.spread.ms", 5_000, 0, 300_000,
            "Time over which the closes of a node that stops are spread."),
        settings.millis("relay.sweep.ms", 30_000, 100, 600_000, "Time between looks for what hints lost."),
        settings.millis("relay.sweep.soon.ms", 1_000, 50, 60_000,
            "Time until such a look after something could not be reached."),
        settings.millis("relay.tick.ms", 500, 10, 5_000, "How often the clocks of connections are looked at."));
  }

  private static SignatureChoice signatures(Settings settings) {
    List<String> names = Arrays.stream(SignatureChoice.values()).map(RelayConfig::name).toList();
    String chosen = settings.choice("relay.signatures", name(SignatureChoice.OFF), names,
        "Messages of encrypted conversations whose signature is verified before they are stored; tombstones always.");
    return SignatureChoice.valueOf(chosen.toUpperCase(Locale.ROOT));
  }

  private static String name(SignatureChoice choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }

  private static Bounds bounds(Settings settings) {
    return new Bounds(settings.number("relay.connections", 20_000, 1, 10_000_000, "WebSockets per node."),
        settings.number("relay.outbound.bytes", 256 * KIB, 16 * KIB, 16 * KIB * KIB,
            "Bytes queued for a client before nothing more is pushed to it."),
        settings.number("relay.sends.pending", 32, 1, 1_000,
            "Messages of a connection on their way to the store before nothing more is read from it."),
        settings.number("relay.reads.at.once", 64, 1, 10_000, "Pages of the log read at once, per event loop."),
        settings.number("relay.roster.uids", 1_000_000, 1_000, 100_000_000,
            "Users in the rosters that are kept, per event loop."),
        settings.number("relay.epochs", 100_000, 1_000, 10_000_000,
            "Conversations whose epoch is remembered, per event loop."));
  }
}
