// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.house;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The architecture, checked on the class files; and every check, checked on a fixture that breaks it.
final class ArchitectureTest {
  private static final String ROOT = "io.e2relay";
  private static final String FIXTURE = "io.e2relay.deploy.house.fixture";

  /// The class that breaks each rule. A rule without one fails the test below.
  private static final Map<String, String> BREAKERS = Map.ofEntries(Map.entry("star: relay", "relay.Reaches"),
      Map.entry("star: keyservice", "keyservice.Reaches"), Map.entry("star: store", "store.Reaches"),
      Map.entry("star: protocol", "protocol.Reaches"), Map.entry("rings: no framework", "relay.session.Framed"),
      Map.entry("rings: no clock and no chance", "relay.session.Timed"),
      Map.entry("bus: only Bus touches the event bus", "relay.Shouter"),
      Map.entry("sql: only in Postgres classes", "store.Selects"),
      Map.entry("metrics: only in Metrics classes", "relay.Counts"),
      Map.entry("keys: no code that decrypts", "keyservice.Opens"),
      Map.entry("keys: BouncyCastle makes certificates only", "keyservice.Castle"),
      Map.entry("keys: one HPKE object for each wrap", "client.Keeps"),
      Map.entry("threads: no third style", "store.Chains"), Map.entry("server: nothing of the client", "deploy.Dials"));

  private static final JavaClasses REAL = new ClassFileImporter()
      .withImportOption(location -> !location.contains("/test-classes/") && !location.contains("-tests.jar"))
      .importPackages(ROOT);
  private static final JavaClasses BROKEN = new ClassFileImporter().importPackages(FIXTURE);

  static Set<String> rules() {
    return ArchitectureRules.below(ROOT).keySet();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void the_classes_keep_the_rule(String rule) {
    rule(ROOT, rule).check(REAL);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void a_class_that_breaks_the_rule_is_found(String rule) {
    List<String> found = violations(rule(FIXTURE, rule));
    assertTrue(found.stream().anyMatch(line -> line.contains("<" + FIXTURE + "." + BREAKERS.get(rule))),
        () -> rule + " found only " + found);
  }

  /// The fixtures also hold what is allowed: no rule may find more than its breaker.
  @ParameterizedTest
  @MethodSource("rules")
  void nothing_but_that_class_is_found(String rule) {
    violations(rule(FIXTURE, rule))
        .forEach(line -> assertTrue(line.contains("<" + FIXTURE + "." + BREAKERS.get(rule)), line));
  }

  @Test
  void all_parts_of_the_server_were_looked_at() {
    Set<String> seen = REAL.stream().map(JavaClass::getPackageName).filter(name -> name.startsWith(ROOT + "."))
        .map(name -> name.split("\\.")[2]).collect(Collectors.toCollection(TreeSet::new));
    assertTrue(seen.containsAll(Set.of("protocol", "relay", "keyservice", "store", "deploy", "backing")),
        seen.toString());
  }

  @Test
  void the_servers_runtime_classpath_has_no_client_no_mocks_and_no_second_style() throws IOException {
    List<String> entries = RuntimeClasspath.entries(SourceTree.root());
    System.out.println("shown: runtime classpath entries=" + entries.size() + " "
        + entries.stream().map(entry -> String.valueOf(Path.of(entry).getFileName())).toList());
    assertEquals(List.of(), RuntimeClasspath.unwanted(entries));
  }

  @ParameterizedTest
  @MethodSource("unwantedJars")
  void a_runtime_classpath_with_an_unwanted_jar_is_found(String jar) {
    assertEquals(List.of(jar), RuntimeClasspath.unwanted(List.of("/m2/vertx-core-5.jar", jar)));
  }

  static Stream<String> unwantedJars() {
    return Stream.of("/m2/mockito-core-5.jar", "/m2/e2relay-client-1.jar", "/x/client/java/target/classes",
        "/m2/rxjava-3.jar", "/m2/spring-core-6.jar", "/m2/e2relay-loadtest-1.jar", "/m2/gatling-core-3.jar",
        "/m2/archunit-1.jar", "/m2/junit-jupiter-api-6.jar");
  }

  @Test
  void no_mock_library_is_on_the_test_classpath() {
    List<String> entries = List.of(System.getProperty("java.class.path").split(java.io.File.pathSeparator));
    assertEquals(List.of(), RuntimeClasspath.mocks(entries));
    assertEquals(List.of("/m2/mockito-core-5.jar"),
        RuntimeClasspath.mocks(List.of("/m2/mockito-core-5.jar", "/a.jar")));
  }

  private static ArchRule rule(String root, String name) {
    return requireNonNull(ArchitectureRules.below(root).get(name), name);
  }

  private static List<String> violations(ArchRule rule) {
    return rule.evaluate(BROKEN).getFailureReport().getDetails();
  }
}
