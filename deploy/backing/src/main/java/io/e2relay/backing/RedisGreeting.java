// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import io.e2relay.protocol.config.Redis;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// Asks a Redis whether it is the one that knows our password.
final class RedisGreeting {
  private static final int LIMIT_MS = 1_000;

  private RedisGreeting() {
  }

  static boolean answers(Redis redis) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(redis.host(), redis.port()), LIMIT_MS);
      socket.setSoTimeout(LIMIT_MS);
      byte[] question = ("AUTH " + redis.password().reveal() + "\r\n").getBytes(StandardCharsets.US_ASCII);
      socket.getOutputStream().write(question);
      return new String(socket.getInputStream().readNBytes(3), StandardCharsets.US_ASCII).equals("+OK");
    } catch (IOException _) {
      return false;
    }
  }
}
