// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;

/// Ports of this machine's loopback interface.
final class Ports {
  // Below what systems hand out for outgoing connections: otherwise a client that knocks while its server is away
  // may be given the server's port, and then talks to itself.
  private static final int LOWEST = 20_000;
  private static final int COUNT = 12_000;
  private static final int ATTEMPTS = 200;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Ports() {
  }

  static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      // Connections of a stopped server that linger must not count.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  static int free() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = LOWEST + RANDOM.nextInt(COUNT);
      if (isFree(port)) {
        return port;
      }
    }
    throw new BackingException(Problem.PORT_IN_USE,
        "No free port was found between " + LOWEST + " and " + (LOWEST + COUNT - 1) + " on 127.0.0.1.");
  }

  static void requireFree(int port) {
    if (!isFree(port)) {
      throw inUse(port);
    }
  }

  static BackingException inUse(int port) {
    return new BackingException(Problem.PORT_IN_USE,
        "Port " + port + " of 127.0.0.1 is in use by another program. Stop it, or choose another port.");
  }
}
