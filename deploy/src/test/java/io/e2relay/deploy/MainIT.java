// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.deploy.command.Terminal;
import io.e2relay.deploy.issuer.DevIssuer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The command line as far as it starts no server.
class MainIT {
  private static final String TOKENS = """
      relay.token.issuer = https://issuer.example
      relay.token.audience = e2relay
      relay.token.jwks.url = https://issuer.example/jwks.json
      """;
  private static final String PEPPER = "1:" + "5a".repeat(32);

  @TempDir
  Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void a_good_configuration_is_good() throws Exception {
    assertEquals(0, run(Map.of(), "config", "check", "--config", file(TOKENS + pepper("rw-------"))),
        err.toString(StandardCharsets.UTF_8));
    assertTrue(out().startsWith("The configuration is good ("), out());
  }

  @Test
  void every_mistake_is_named_at_once_with_what_is_allowed() throws Exception {
    int exit = run(Map.of("E2RELAY_STORE_HEADS", "0", "E2RELAY_NODE_ROLES", "relay,cook"), "config", "check",
        "--config", file(TOKENS + "relay.port = 65536\nrelay.prot = 1\npostgres.password.file = /nowhere\n"), "--set",
        "log.format=xml", "--set", "internal.port=x");
    assertEquals(2, exit);
    List<String> lines = err().lines().map(String::strip).toList();
    assertEquals("e2relay: the configuration is wrong:", lines.getFirst());
    assertTrue(lines.contains("relay.port: is '65536', allowed is 0 to 65535"), err());
    assertTrue(lines.contains("store.heads: is '0', allowed is 1 to 10000"), err());
    assertTrue(lines.contains("log.format: is 'xml', allowed are auto | json | text"), err());
    assertTrue(lines.contains("internal.port: is 'x', allowed is 0 to 65535"), err());
    assertTrue(lines.contains("node.roles: has 'cook', allowed are relay, keyservice, store"), err());
    assertTrue(lines.contains("postgres.password.file: cannot read '/nowhere' (NoSuchFileException)"), err());
    assertTrue(err().contains("keys.pepper.file: is missing, allowed is a file that others may not read, "), err());
    assertTrue(err().contains("relay.prot: no such key; allowed are node.roles, "), err());
    assertEquals("", out());
  }

  @Test
  void a_cluster_that_others_could_speak_to_or_nobody_could_find_starts_nothing() throws Exception {
    String good = TOKENS + pepper("rw-------");
    assertEquals(2,
        run(Map.of(), "serve", "--cluster", "--config", file(good), "--set", "cluster.host=10.0.0.1", "--set",
            "cluster.members=127.0.0.1:15701,there", "--set", "cluster.name=two words", "--set", "cluster.port=0",
            "--roles", "relay,cook"));
    List<String> lines = err().lines().map(String::strip).toList();
    assertTrue(
        lines.contains(
            "cluster.host: is '10.0.0.1', allowed without cluster.trusted.network are 127.0.0.1, " + "::1, localhost"),
        err());
    assertTrue(lines.contains("cluster.members: has 'there', allowed are host:port with commas between"), err());
    assertTrue(lines.contains("cluster.name: is 'two words', allowed is [A-Za-z0-9._-]{1,64}"), err());
    assertTrue(lines.contains("cluster.port: is '0', allowed is 1 to 65535"), err());
    assertTrue(lines.contains("node.roles: has 'cook', allowed are relay, keyservice, store"), err());
    // The control: some of the roles are good among others, and not alone.
    assertEquals(0, run(Map.of(), "config", "check", "--config", file(good), "--set", "cluster.enabled=true", "--set",
        "node.roles=relay"), err());
    err.reset();
    assertEquals(2, run(Map.of(), "serve", "--config", file(good), "--roles", "relay"));
    assertTrue(err().contains("node.roles: must name all of relay, keyservice, store, unless cluster.enabled is true"),
        err());
  }

  @Test
  void the_configurations_of_the_operating_page_are_good() throws Exception {
    String page = Files.readString(Path.of("..", "docs", "OPERATING.md"));
    List<String> blocks = Pattern.compile("(?s)```properties\n(.*?)```").matcher(page).results()
        .map(block -> block.group(1)).toList();
    assertEquals(3, blocks.size());
    // Its files are an operator's; here they are this test's.
    String common = blocks.getFirst().replaceAll("(?m)^.*[.]file = .*$", "") + pepper("rw-------");
    for (String node : blocks.subList(1, 3)) {
      err.reset();
      assertEquals(0,
          run(Map.of(), "config", "check", "--config", file(common + node), "--set", "cluster.enabled=true"), err());
    }
  }

  @Test
  void print_shows_every_value_in_effect_and_no_secret() throws Exception {
    Path secret = Files.writeString(folder.resolve("password"), "hunter2");
    assertEquals(0, run(Map.of("E2RELAY_RELAY_PORT", "9443"), "config", "print", "--config",
        file(TOKENS + pepper("rw-r-----")), "--set", "postgres.password.file=" + secret), err());
    assertTrue(out().contains("relay.port = 9443\n"), out());
    assertTrue(out().contains("postgres.port = 5432\n"), out());
    assertTrue(out().contains("postgres.password.file = " + secret + "\n"), out());
    assertFalse(out().contains("hunter2"));
    assertFalse(out().contains(PEPPER));
  }

  @Test
  void a_pepper_that_others_may_read_starts_nothing() throws Exception {
    for (String command : List.of("serve", "migrate")) {
      err.reset();
      assertEquals(2, run(Map.of(), command, "--config", file(TOKENS + pepper("rw-r--r--"))));
      assertTrue(err().contains("keys.pepper.file: others may get at '"), err());
      assertTrue(err().contains("lines of VERSION:64 hex digits"), err());
      assertFalse(err().contains(PEPPER));
    }
  }

  @Test
  void docs_have_a_row_for_every_key() throws Exception {
    assertEquals(0, run(Map.of(), "config", "docs"), err());
    String docs = out();
    out.reset();
    run(Map.of(), "config", "print");
    List<String> keys = out().lines().map(line -> line.substring(0, line.indexOf(" = "))).toList();
    assertTrue(keys.size() > 30, keys.toString());
    for (String key : keys) {
      assertTrue(docs.contains("| `" + key + "` | "), key);
    }
  }

  @Test
  void serve_has_no_way_to_a_development_token() throws Exception {
    for (String option : List.of("--issuer", "--dev", "--port", "--data")) {
      err.reset();
      assertEquals(2, run(Map.of(), "serve", option, "1"));
      assertEquals("e2relay: there is no option '" + option + "'\n", err());
    }
    err.reset();
    assertEquals(2, run(Map.of(), "serve"));
    assertTrue(err().contains("relay.token.issuer: is missing"), err());
    assertFalse(Files.readString(Path.of("src/main/java/io/e2relay/deploy/command/ServeCommand.java"))
        .contains("deploy.issuer"));
  }

  @Test
  void up_refuses_what_it_decides_itself() {
    int exit = run(Map.of(), "up", "--data", folder.toString(), "--set", "relay.token.issuer=https://other.example",
        "--set", "postgres.port=5432");
    assertEquals(2, exit);
    assertTrue(err().contains("relay.token.issuer: cannot be set for `up`, which decides it itself"), err());
    assertTrue(err().contains("postgres.port: no such key"), err());
  }

  @Test
  void tokens_need_a_name_and_bounds() {
    assertEquals(2, run(Map.of(), "token"));
    assertTrue(err().contains("--name: is missing, needed are 1 to 64 characters"), err());
    assertEquals(2, run(Map.of(), "token", "--name", "x".repeat(65)));
    err.reset();
    assertEquals(2, run(Map.of(), "token", "--name", "alice", "--ttl", "86401"));
    assertEquals("e2relay: --ttl: is '86401', allowed is 1 to 86400\n", err());
  }

  @Test
  void a_token_says_that_its_user_is_a_bot_when_asked_to() throws Exception {
    DevIssuer.in(folder.resolve("issuer"), InstantSource.system());
    for (boolean bot : new boolean[]{true, false}) {
      List<String> words = new ArrayList<>(List.of("token", "--name", "robot", "--data", folder.toString()));
      if (bot) {
        words.add("--bot");
      }
      out.reset();
      assertEquals(0, run(Map.of(), words.toArray(String[]::new)), err());
      String claims = new String(Base64.getUrlDecoder().decode(out().split("\\.")[1]), StandardCharsets.UTF_8);
      assertEquals(bot, claims.contains("\"bot\":true"), claims);
    }
  }

  @Test
  void help_is_the_same_as_the_launchers_and_what_is_unknown_exits_2() throws Exception {
    for (String command : List.of("up", "serve", "migrate", "config", "token")) {
      out.reset();
      assertEquals(0, run(Map.of(), command, "--help"));
      assertEquals(Files.readString(Path.of("src/main/resources/io/e2relay/deploy/help/" + command + ".txt")), out());
    }
    assertEquals(0, run(Map.of(), "--help"));
    assertEquals(2, run(Map.of()));
    assertEquals(2, run(Map.of(), "cook"));
    assertEquals(2, run(Map.of(), "config"));
    assertEquals(2, run(Map.of(), "config", "eat"));
    assertEquals(2, run(Map.of(), "migrate", "--now"));
  }

  private int run(Map<String, String> environment, String... arguments) {
    return Main.run(List.of(arguments), new Terminal(print(out), print(err), environment));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private String pepper(String mode) throws Exception {
    Path file = Files.writeString(folder.resolve("pepper"), PEPPER);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    return "keys.pepper.file = " + file + "\n";
  }

  private String file(String text) throws Exception {
    return Files.writeString(folder.resolve("e2relay.properties"), text).toString();
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
