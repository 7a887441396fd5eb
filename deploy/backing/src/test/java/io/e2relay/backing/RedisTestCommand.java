// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import io.e2relay.protocol.config.Redis;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// One command to Redis, and the first line of its answer.
final class RedisTestCommand {
  private static final int LIMIT_MS = 10_000;

  private RedisTestCommand() {
  }

  static String run(Redis redis, String command) {
    String login = redis.password().reveal().isEmpty() ? "" : "AUTH " + redis.password().reveal() + "\r\n";
    try (Socket socket = new Socket(redis.host(), redis.port());
        BufferedReader answers = new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
      socket.setSoTimeout(LIMIT_MS);
      socket.getOutputStream().write((login + command + "\r\n").getBytes(StandardCharsets.UTF_8));
      String first = String.valueOf(answers.readLine());
      return login.isEmpty() || first.startsWith("-") ? first : String.valueOf(answers.readLine());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
