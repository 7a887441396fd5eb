// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// How much load, on what: the `-D` properties of a run. What is out of bounds stops it before it begins.
record Load(int users, Duration ramp, Duration duration, double msgRate, int groupSize, int payloadBytes, URI baseUrl,
    String subprotocol, List<String> tokens, int sendP99Ms, int connectP99Ms) {
  private static final int USERS_MAX = 20_000;
  private static final int GROUP_MAX = 1_000;
  private static final int PAYLOAD_MAX = 65_536;
  private static final int SECONDS_MAX = 86_400;
  private static final double RATE_MIN = 0.001;
  private static final double RATE_MAX = 100;
  private static final Set<String> SECURE = Set.of("https", "wss");
  private static final int P99_MAX = 600_000;

  /// What the properties say, and these where they say nothing.
  static Load of(int users, int groupSize, double msgRate) {
    List<String> tokens = issued();
    return new Load(number("users", tokens.isEmpty() ? users : tokens.size(), 2, USERS_MAX),
        Duration.ofSeconds(number("ramp", 5, 0, SECONDS_MAX)),
        Duration.ofSeconds(number("duration", 20, 1, SECONDS_MAX)), rate(msgRate),
        number("groupSize", groupSize, 2, GROUP_MAX), number("payloadBytes", 512, 1, PAYLOAD_MAX), origin(),
        one("subprotocol", "both", Set.of("both", "pb", "json")), tokens, number("sendP99Ms", 500, 1, P99_MAX),
        number("connectP99Ms", 5_000, 1, P99_MAX));
  }

  int groups() {
    return (users + groupSize - 1) / groupSize;
  }

  /// The last group takes who is left.
  int members(int group) {
    return Math.min(groupSize, users - group * groupSize);
  }

  Subprotocol subprotocol(int device) {
    return switch (subprotocol) {
      case "pb" -> Subprotocol.PROTOBUF;
      case "json" -> Subprotocol.JSON;
      default -> device % 2 == 0 ? Subprotocol.PROTOBUF : Subprotocol.JSON;
    };
  }

  String httpOrigin() {
    return origin("http");
  }

  String wsOrigin() {
    return origin("ws");
  }

  private String origin(String scheme) {
    return scheme + (SECURE.contains(baseUrl.getScheme()) ? "s" : "") + "://" + baseUrl.getRawAuthority();
  }

  private static int number(String key, int otherwise, int least, int most) {
    String text = System.getProperty(key, String.valueOf(otherwise));
    if (!Pattern.matches("[0-9]{1,9}", text) || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
      throw refused(key, text, "%d to %d".formatted(least, most));
    }
    return Integer.parseInt(text);
  }

  private static double rate(double otherwise) {
    String text = System.getProperty("msgRate", String.valueOf(otherwise));
    if (!Pattern.matches("[0-9]{1,3}(\\.[0-9]{1,6})?", text) || Double.parseDouble(text) < RATE_MIN
        || Double.parseDouble(text) > RATE_MAX) {
      throw refused("msgRate", text, "%s to %s messages a second for each sender".formatted(RATE_MIN, RATE_MAX));
    }
    return Double.parseDouble(text);
  }

  private static String one(String key, String otherwise, Set<String> allowed) {
    String text = System.getProperty(key, otherwise);
    if (!allowed.contains(text)) {
      throw refused(key, text, String.join(", ", allowed.stream().sorted().toList()));
    }
    return text;
  }

  private static URI origin() {
    String text = System.getProperty("baseUrl", "https://localhost:8443");
    if (!Pattern.matches("(https?|wss?)://[^/?#@ ]+/?", text)) {
      throw refused("baseUrl", text, "https://host:port and wss://host:port, or http and ws");
    }
    return URI.create(text);
  }

  /// One token a line, for services whose tokens come from elsewhere. Left out, the service's development issuer is
  /// asked.
  private static List<String> issued() {
    String file = System.getProperty("tokens", "");
    if (file.isEmpty()) {
      return List.of();
    }
    try {
      List<String> tokens = Files.readAllLines(Path.of(file)).stream().filter(line -> !line.isBlank()).toList();
      if (tokens.size() < 2) {
        throw refused("tokens", file, "files with one token a line, two at least");
      }
      return tokens;
    } catch (IOException e) {
      throw new UncheckedIOException("-Dtokens: cannot read " + file, e);
    }
  }

  private static IllegalArgumentException refused(String key, String text, String allowed) {
    return new IllegalArgumentException("-D%s: is '%s', allowed are %s".formatted(key, text, allowed));
  }
}
