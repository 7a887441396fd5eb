// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two people chat on the page of `up`, in a real Chromium with two profiles.
final class BrowserIT {
  private static final Path PROGRAM = Path.of("..", "client", "web", "browser-test").toAbsolutePath().normalize();
  private static final Path SCREENSHOTS = Path.of("target", "screenshots").toAbsolutePath();

  @TempDir
  Path folder;

  @Test
  void two_people_chat_live_and_from_history_and_text_stays_text() throws Exception {
    Files.createDirectories(SCREENSHOTS);
    try (UpProcess up = UpProcess.start(folder, "up", "--data", folder.resolve("data").toString(), "--port",
        String.valueOf(UpProcess.freePort())).awaitUp()) {
      String page = up.line("page").split(" ", 2)[0];
      String result = run("node", "chat.mjs", page, SCREENSHOTS.toString());
      IO.println("shown: browser " + result.lines().toList().getLast());
    }
    assertTrue(Files.size(SCREENSHOTS.resolve("page-light.png")) > 10_000, "a screenshot was taken");
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(List.of(command)).directory(PROGRAM.toFile()).redirectErrorStream(true)
        .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null"))).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(),
        output + "\nThe browser is E2RELAY_CHROMIUM, else chromium on the PATH, else one that npm installed.");
    return output.strip();
  }
}
