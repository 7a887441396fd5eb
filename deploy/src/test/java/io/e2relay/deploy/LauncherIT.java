// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher itself, in a clone of its own with a space in its path, on a machine of scripts that only say what
/// they were asked.
class LauncherIT {
  @TempDir
  Path folder;
  private FakeMachine machine;

  @BeforeEach
  void makeMachine() throws IOException {
    machine = new FakeMachine(folder);
  }

  @Test
  void everything_there_builds_stages_and_becomes_the_server() throws Exception {
    FakeMachine.Run run = machine.run("up", "--port", "9443");
    assertEquals(0, run.exit(), run.err());
    assertEquals(List.of("up", "--port", "9443"), run.serverArguments());
    assertEquals(1, machine.mavenCalls().size());
    assertTrue(machine.mavenCalls().getFirst().contains("-DserverOnly -pl deploy -am package"));
    assertFalse(machine.mavenCalls().getFirst().contains("web.skip"));
    assertTrue(run.err().contains("building protocol"), run.err());
    assertEquals(List.of("dependency.jar", "e2relay-deploy-0.jar"), machine.stagedJars());
  }

  @Test
  void an_unchanged_tree_calls_no_maven_and_a_changed_one_does() throws Exception {
    machine.run("up");
    machine.run("up");
    machine.run("token", "--name", "alice");
    assertEquals(1, machine.mavenCalls().size());
    Files.writeString(machine.home().resolve("relay/src/main/java/New.java"), "class New {}");
    assertEquals(0, machine.run("up").exit());
    assertEquals(2, machine.mavenCalls().size());
  }

  @Test
  void a_test_or_a_build_output_that_changed_is_no_reason_to_build() throws Exception {
    machine.run("up");
    Files.createDirectories(machine.home().resolve("relay/src/test/java"));
    Files.writeString(machine.home().resolve("relay/src/test/java/NewTest.java"), "class NewTest {}");
    Files.createDirectories(machine.home().resolve("relay/target"));
    Files.writeString(machine.home().resolve("relay/target/pom.xml"), "built");
    machine.run("up");
    assertEquals(1, machine.mavenCalls().size());
  }

  @Test
  void it_works_through_a_link_from_another_folder_with_stdin_closed() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link to it"), machine.launcher());
    FakeMachine.Run run = machine.runShell("cd / && exec '" + link + "' up <&-");
    assertEquals(0, run.exit(), run.err());
    assertEquals(List.of("up"), run.serverArguments());
  }

  @Test
  void a_missing_jdk_is_named_with_what_was_found_and_how_to_get_it() throws Exception {
    machine.removeJdk();
    machine.addJdk(folder.resolve("jvm/seventeen"), "17.0.15", true);
    machine.addJdk(folder.resolve("jvm/runtime"), "25.0.3", false);
    FakeMachine.Run run = machine.run("up");
    assertEquals(2, run.exit());
    assertTrue(run.err().contains("JDK 25 is missing: found "), run.err());
    assertTrue(run.err().contains("jvm/seventeen (17.0.15)"), run.err());
    assertTrue(run.err().contains("jvm/runtime (25.0.3 without javac)"), run.err());
    assertTrue(run.err().contains("get it: https://adoptium.net/"), run.err());
    assertEquals(List.of(), machine.mavenCalls());
    machine.addJdk(folder.resolve("jvm/right one"), "25.0.3", true);
    assertEquals(0, machine.run("up").exit());
  }

  @Test
  void all_that_is_missing_is_named_at_once() throws Exception {
    machine.removeJdk();
    machine.remove("mvn");
    machine.remove("node");
    FakeMachine.Run run = machine.run("up");
    assertEquals(2, run.exit());
    assertTrue(run.err().contains("JDK 25 is missing: none found"), run.err());
    assertTrue(run.err().contains("Maven 3.8.7 or newer is missing: not found in PATH"), run.err());
    assertTrue(run.err().contains("Node 20 or newer is missing: not found in PATH"), run.err());
  }

  @Test
  void an_old_maven_is_named_with_its_version_and_the_oldest_good_one_will_do() throws Exception {
    machine.setMavenVersion("3.8.6");
    FakeMachine.Run run = machine.run("up");
    assertEquals(2, run.exit());
    assertTrue(run.err().contains("Maven 3.8.7 or newer is missing: found 3.8.6 at "), run.err());
    machine.setMavenVersion("3.8.7");
    assertEquals(0, machine.run("up").exit());
  }

  @Test
  void without_node_the_server_is_built_without_its_page_and_says_so() throws Exception {
    machine.setNodeVersion("18.20.4");
    FakeMachine.Run run = machine.run("up");
    assertEquals(0, run.exit(), run.err());
    assertTrue(run.err().contains("Node 20 or newer is missing: found 18.20.4 at "), run.err());
    assertTrue(run.err().contains("going on without: the server works, the page is left out"), run.err());
    assertTrue(machine.mavenCalls().getFirst().contains("-Dweb.skip=true"));
    machine.run("up");
    assertEquals(1, machine.mavenCalls().size());
    machine.setNodeVersion("20.0.0");
    assertEquals(0, machine.run("up").exit());
    assertFalse(machine.mavenCalls().getLast().contains("web.skip"));
    assertEquals(2, machine.mavenCalls().size());
  }

  @Test
  void a_failed_build_exits_1_names_its_log_and_stages_nothing() throws Exception {
    machine.breakBuild();
    FakeMachine.Run run = machine.run("up");
    assertEquals(1, run.exit());
    assertTrue(run.err().contains("[ERROR] it is broken"), run.err());
    assertTrue(run.err().contains("target/launcher.log"), run.err());
    assertEquals(List.of(), machine.stagedJars());
  }

  @Test
  void an_old_build_is_pruned_but_never_one_in_use() throws Exception {
    machine.run("up");
    Path first = machine.dists().getFirst();
    // This JVM stands for a server that runs from the first build.
    Files.writeString(first.resolve("used").resolve(String.valueOf(ProcessHandle.current().pid())), "");
    for (int change = 0; change < 5; change++) {
      Files.writeString(machine.home().resolve("relay/src/main/java/New.java"), "class New {} // " + change);
      assertEquals(0, machine.run("up").exit());
    }
    assertTrue(Files.exists(first));
    assertEquals(4, machine.dists().size(), machine.dists().toString());
  }

  @Test
  void every_command_tells_its_usage_without_a_build() throws Exception {
    for (String command : List.of("up", "serve", "migrate", "config", "token", "test", "bench", "oracle")) {
      FakeMachine.Run run = machine.run(command, "--help");
      assertEquals(0, run.exit());
      assertTrue(run.out().startsWith("usage: deploy/e2relay " + command), run.out());
    }
    assertTrue(machine.run("--help").out().contains("usage: deploy/e2relay <command>"));
    assertEquals(List.of(), machine.mavenCalls());
  }

  @Test
  void no_command_or_an_unknown_one_exits_2() throws Exception {
    assertEquals(2, machine.run().exit());
    FakeMachine.Run run = machine.run("upp");
    assertEquals(2, run.exit());
    assertTrue(run.err().contains("there is no command 'upp'"), run.err());
    run = machine.run("test", "--lnog");
    assertEquals(2, run.exit());
    assertTrue(run.err().contains("test knows no '--lnog'"), run.err());
  }

  @Test
  void testing_forgets_old_reports_and_ends_with_the_sum() throws Exception {
    Path stale = machine.home().resolve("relay/target/surefire-reports/TEST-Stale.xml");
    Files.createDirectories(stale.getParent());
    Files.writeString(stale, "<testsuite/>");
    FakeMachine.Run run = machine.run("test");
    assertFalse(Files.exists(stale));
    assertTrue(machine.mavenCalls().getFirst().contains("-Dtest.excluded.groups=long verify"));
    List<String> words = run.out().lines().toList();
    assertTrue(words.get(words.size() - 4).endsWith("/ReportSum.java"), run.out());
    assertEquals(List.of(machine.home().toString(), "0", "lenient"), words.subList(words.size() - 3, words.size()));
    machine.run("test", "--long");
    assertTrue(machine.mavenCalls().getLast().contains("-Dtest.excluded.groups=none verify"));
  }

  @Test
  void measuring_builds_the_load_test_and_starts_it_with_what_it_needs() throws Exception {
    Path built = Files.createDirectories(machine.home().resolve("loadtest/target"));
    Files.writeString(built.resolve("runtime-classpath.txt"), "/m2/one.jar:/m2/two.jar");
    FakeMachine.Run run = machine.run("bench", "crypto");
    assertEquals(0, run.exit(), run.err());
    assertTrue(machine.mavenCalls().getFirst().contains("-DserverOnly -pl loadtest -am process-classes"));
    List<String> words = run.out().lines().toList();
    assertTrue(words.contains(built.resolve("classes") + ":/m2/one.jar:/m2/two.jar"), run.out());
    assertEquals("io.e2relay.loadtest.crypto.CryptoBench", words.getLast());
    run = machine.run("bench", "keys");
    assertEquals(0, run.exit(), run.err());
    words = run.out().lines().toList();
    // The bench, and behind the dashes the server that it starts.
    assertTrue(words.indexOf("io.e2relay.loadtest.keys.KeysBench") < words.indexOf("--"), run.out());
    assertEquals("io.e2relay.deploy.Main", words.getLast());
    assertTrue(words.get(words.size() - 2).endsWith("/lib/*"), run.out());
    assertEquals(2, machine.run("bench").exit());
    run = machine.run("bench", "cripto");
    assertEquals(2, run.exit());
    assertTrue(run.err().contains("bench knows no 'cripto'"), run.err());
  }

  @Test
  void the_oracle_is_built_beside_the_load_test_and_gets_the_journals() throws Exception {
    Path built = Files.createDirectories(machine.home().resolve("loadtest/target"));
    Files.writeString(built.resolve("runtime-classpath.txt"), "/m2/one.jar");
    FakeMachine.Run run = machine.run("oracle", "--json", "a journal.jsonl");
    assertEquals(0, run.exit(), run.err());
    List<String> words = run.out().lines().toList();
    assertEquals(List.of("io.e2relay.loadtest.oracle.Oracle", "--json", "a journal.jsonl"),
        words.subList(words.size() - 3, words.size()));
  }
}
