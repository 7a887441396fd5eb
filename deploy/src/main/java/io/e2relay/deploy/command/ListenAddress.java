// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import io.e2relay.relay.RelayConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Where `up` listens, and what this machine is called from there.
record ListenAddress(InetAddress host, int port) {
  private static final List<String> OWN_NAMES = List.of("localhost", "127.0.0.1", "::1");

  static ListenAddress of(RelayConfig.Listen listen) throws UsageException {
    try {
      return new ListenAddress(InetAddress.getByName(listen.host()), listen.port());
    } catch (UnknownHostException e) {
      throw new UsageException("--bind: there is no address '%s'".formatted(listen.host()));
    }
  }

  ListenAddress withPort(int actual) {
    return new ListenAddress(host, actual);
  }

  void requireLoopback() throws UsageException {
    if (!host.isLoopbackAddress()) {
      throw new UsageException(
          ("--bind: is %s, allowed are loopback addresses like 127.0.0.1: `up` gives a token to whoever asks. "
              + "For other machines use `serve`, or --no-issuer with your own issuer.")
              .formatted(host.getHostAddress()));
    }
  }

  /// Looked at before anything starts, so that the usual mistake costs no time.
  void requireFree() throws FailedException {
    try (ServerSocket probe = new ServerSocket()) {
      // As the server itself: what a closed connection left behind is no obstacle.
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(host, port));
    } catch (IOException e) {
      throw new FailedException("Port %d of %s is in use or not ours to take (%s): choose another one with --port."
          .formatted(port, host.getHostAddress(), e.getMessage()), e);
    }
  }

  /// What the certificate must hold for.
  List<String> names() {
    TreeSet<String> names = new TreeSet<>(OWN_NAMES);
    if (isUnusualLoopback() || (!host.isAnyLocalAddress() && !host.isLoopbackAddress())) {
      names.add(host.getHostAddress());
    }
    return List.copyOf(names);
  }

  Set<String> origins() {
    Set<String> origins = new TreeSet<>();
    for (String name : names()) {
      origins.add(origin(name));
    }
    return origins;
  }

  /// The address of the page, and with another scheme that of the socket.
  String origin() {
    if (host.getHostAddress().equals("127.0.0.1") || host.isAnyLocalAddress()) {
      return origin("localhost");
    }
    return origin(host.getHostAddress());
  }

  private boolean isUnusualLoopback() {
    return host.isLoopbackAddress() && !OWN_NAMES.contains(host.getHostAddress())
        && !host.getHostAddress().equals("0:0:0:0:0:0:0:1");
  }

  private String origin(String name) {
    String shown = name.equals("0:0:0:0:0:0:0:1") ? "::1" : name;
    // Browsers leave the scheme's own port out.
    return "https://" + (shown.indexOf(':') >= 0 ? "[" + shown + "]" : shown) + (port == 443 ? "" : ":" + port);
  }
}
