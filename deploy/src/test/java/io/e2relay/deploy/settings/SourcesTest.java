// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourcesTest {
  @TempDir
  Path folder;

  @Test
  void a_flag_outdoes_the_environment_which_outdoes_the_file() throws IOException {
    Path file = file("relay.port = 1\nstore.heads = 1\nkeys.timeout.ms=1\n");
    Sources.Read read = Sources.read(file, Map.of("E2RELAY_RELAY_PORT", "2", "E2RELAY_STORE_HEADS", "2"),
        List.of("relay.port=3"));
    assertEquals(Map.of("relay.port", "3", "store.heads", "2", "keys.timeout.ms", "1"), read.values());
    assertEquals(List.of(), read.mistakes());
  }

  @Test
  void the_environment_of_others_is_not_ours() {
    Sources.Read read = Sources.read(null,
        Map.of("PATH", "/bin", "E2RELAY_CHROMIUM", "/usr/bin/chromium", "E2RELAY_TEST_POSTGRES", "x",
            "E2RELAY_SERVICE_HOST", "10.0.0.1", "E2RELAY_SERVICE_PORT_WSS", "8443", "E2RELAY_PORT",
            "tcp://10.0.0.1:8443", "E2RELAY_RELAY_PORT_8443_TCP_ADDR", "10.0.0.1", "E2RELAY_NODE_ROLES", "relay"),
        List.of());
    assertEquals(Map.of("node.roles", "relay"), read.values());
  }

  @Test
  void every_mistake_of_the_sources_is_told() throws IOException {
    Path file = file("relay.port = 1\nrelay.port = 2\n");
    Sources.Read read = Sources.read(file, Map.of(), List.of("relay.port", "=1", "store.heads=2"));
    assertEquals(List.of("relay.port: is given twice in " + file, "--set: is 'relay.port', allowed is KEY=VALUE",
        "--set: is '=1', allowed is KEY=VALUE"), read.mistakes());
  }

  @Test
  void a_file_that_cannot_be_read_is_a_mistake() {
    Path missing = folder.resolve("missing");
    assertEquals(List.of("--config: cannot read '" + missing + "' (NoSuchFileException)"),
        Sources.read(missing, Map.of(), List.of()).mistakes());
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("e2relay.properties"), text);
  }
}
