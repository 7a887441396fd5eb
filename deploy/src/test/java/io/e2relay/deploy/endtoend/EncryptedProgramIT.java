// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The program in the Java SDK's README is what that README says it is.
final class EncryptedProgramIT {
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @TempDir
  Path folder;

  @Test
  void the_sdks_program_chats_encrypted_compares_and_restores() throws Exception {
    Matcher block = JAVA_BLOCK.matcher(Files.readString(Path.of("..", "client", "java", "README.md")));
    assertTrue(block.find(), "the README has a Java program");
    Files.writeString(folder.resolve("Chat.java"), block.group(1));
    try (Program chat = Program.start(folder, Map.of(),
        List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
            System.getProperty("java.class.path"), "Chat.java", SERVICE.url().toString(), SERVICE.ca().toString(),
            SERVICE.token("alice"), SERVICE.token("bob")))) {
      assertEquals(0, chat.exit(120), chat.lines().toString());
      for (String line : List.of("Bob reads: Only we can read this", "members: 2", "restored: Only we can read this")) {
        assertTrue(chat.lines().contains(line), chat.lines().toString());
      }
      assertTrue(chat.lines().stream().anyMatch(line -> line.matches("safety number: [0-9]{60}")),
          chat.lines().toString());
    }
    Shown.line("sdk_program chat=1 compared=1 restored=1");
  }
}
