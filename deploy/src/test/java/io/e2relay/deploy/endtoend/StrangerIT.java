// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Somebody who has read docs/PROTOCOL.md, and has Node and the package ws, can chat.
final class StrangerIT {
  private static final Path FOLDER = Path.of("src", "test", "node").toAbsolutePath();

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void two_strangers_chat_over_json_with_a_client_of_sixty_lines() throws Exception {
    List<String> source = Files.readAllLines(FOLDER.resolve("stranger.mjs"));
    assertTrue(source.size() <= 60, source.size() + " lines");
    assertEquals(List.of("import WebSocket from \"ws\";"),
        source.stream().filter(line -> line.startsWith("import") && !line.contains("\"node:")).toList(),
        "nothing but ws");
    install();
    try (Program alice = stranger("alice", "create", "Hello, Bob!", "Hello, Alice!")) {
      Until.holds(Duration.ofSeconds(20), "alice has a link", () -> !alice.said("link ").isEmpty());
      try (Program bob = stranger("bob", alice.said("link "), "Hello, Alice!", "Hello, Alice!")) {
        assertEquals(0, bob.exit(20), bob.lines().toString());
        assertEquals(0, alice.exit(20), alice.lines().toString());
        assertTrue(heard(alice, "Hello, Alice!") && heard(bob, "Hello, Bob!"), alice.lines() + " " + bob.lines());
      }
    }
    Shown.line("stranger lines=%d packages=ws subprotocol=e2r.v1.json heard=both".formatted(source.size()));
  }

  private static boolean heard(Program program, String text) {
    return program.lines().stream().anyMatch(line -> line.startsWith("heard ") && line.endsWith(" " + text));
  }

  private static Program stranger(String name, String where, String say, String waitFor) throws Exception {
    return Program.start(FOLDER, Map.of("NODE_EXTRA_CA_CERTS", SERVICE.ca().toString()),
        List.of("node", "stranger.mjs", SERVICE.url().toString(), SERVICE.token(name), where, say, waitFor));
  }

  private static void install() throws Exception {
    if (!Files.exists(FOLDER.resolve("node_modules").resolve("ws"))) {
      try (Program npm = Program.start(FOLDER, Map.of(), List.of("npm", "ci", "--no-audit", "--no-fund"))) {
        assertEquals(0, npm.exit(120), npm.lines().toString());
      }
    }
  }
}
