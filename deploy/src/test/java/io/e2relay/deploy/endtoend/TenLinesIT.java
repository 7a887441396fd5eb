// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.client.Client;
import io.e2relay.client.IncomingMessage;
import io.e2relay.client.Relay;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The README's Java program is what the README says it is.
final class TenLinesIT {
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @TempDir
  Path folder;

  @Test
  void the_readmes_program_sends_and_receives_and_the_message_outlives_the_server() throws Exception {
    Matcher block = JAVA_BLOCK.matcher(Files.readString(Path.of("..", "README.md")));
    assertTrue(block.find(), "the README has a Java program");
    String source = block.group(1);
    long lines = source.lines().filter(line -> !line.isBlank()).count();
    assertTrue(lines <= 10, lines + " lines");
    Files.writeString(folder.resolve("Chat.java"), source);
    try (Program chat = Program.start(folder, Map.of(),
        List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
            System.getProperty("java.class.path"), "Chat.java", SERVICE.url().toString(), SERVICE.ca().toString(),
            SERVICE.token("alice"), SERVICE.token("bob")))) {
      assertEquals(0, chat.exit(60), chat.lines().toString());
      assertTrue(chat.lines().contains("Bob reads: Hello, Bob!"), chat.lines().toString());
    }
    SERVICE.kill();
    SERVICE.start();
    try (Client bob = Relay.at(SERVICE.url().toString()).trusting(SERVICE.ca()).connect(SERVICE.token("bob"))) {
      List<String> history = bob.conversations().getFirst().history(0).stream().map(IncomingMessage::text).toList();
      assertEquals(List.of("Hello, Bob!"), history);
    }
    Shown.line("ten_lines lines=%d live=1 history_after_restart=1".formatted(lines));
  }
}
