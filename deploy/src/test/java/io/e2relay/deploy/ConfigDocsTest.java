// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.deploy.command.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ConfigDocsTest {
  @Test
  void the_page_of_all_keys_is_what_config_docs_prints() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    assertEquals(Main.DONE, Main.run(List.of("config", "docs"), new Terminal(out, out, Map.of())));
    assertEquals(Files.readString(Path.of("..", "docs", "CONFIG.md")), printed.toString(StandardCharsets.UTF_8),
        "docs/CONFIG.md is written by: deploy/e2relay config docs > docs/CONFIG.md");
  }
}
