// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every tidy rule on the whole tree, and on a text that breaks it beside one that does not.
final class TidyTest {
  private static final String FILE = "relay/src/main/java/io/e2relay/relay/session/X.java";
  private static final String PROTO = "protocol/src/main/proto/e2relay/v1/frames.proto";
  private static final Map<String, Breach> BREACHES = Map.ofEntries(
      Map.entry("file has at most 400 lines", java("\n".repeat(400), "\n".repeat(401))),
      Map.entry("line has at most 120 characters", java("x".repeat(120), "x".repeat(121))),
      Map.entry("method has at most 60 lines", java(method(58), method(59))),
      Map.entry("constructor has at most 6 parameters",
          java("class X { X(int a, int b, int c, int d, int e, int f) {} }",
              "class X { X(int a, int b, int c, int d, int e, int f, int g) {} }")),
      Map.entry("switch over a closed world has no default", closedWorld("case \"SEND\"", "case SEND")),
      Map.entry("comment leaves nothing for later", java("class Todo { String s = \"TODO\"; }", "// TODO: later")),
      Map.entry("clock is asked at the edges only", java("String s = \"Instant.now()\";", "var now = Instant.now();")),
      Map.entry("chance comes from SecureRandom", java("new SecureRandom()", "new Random(1)")),
      Map.entry("chance of a test comes from a seed",
          files("relay/src/test/java/io/e2relay/relay/X.java", "new Random(seed);", "new Random();")),
      Map.entry("terminal is written to at the edges only", java("// System.out", "System.out.println();")),
      Map.entry("test waits for a fact and never sleeps",
          files("relay/src/test/java/io/e2relay/relay/X.java", "future.await();", "Thread.sleep(1);")),
      Map.entry("type says what it is",
          paths("relay/src/main/java/io/e2relay/Outbox.java", "relay/src/main/java/io/e2relay/OutboxManager.java")),
      Map.entry("folder is a noun of the domain",
          paths("relay/src/main/java/io/e2relay/session/X.java", "relay/src/main/java/io/e2relay/util/X.java")),
      Map.entry("mock library is not used", java("// no Mockito here", "import org.mockito.Mockito;")),
      Map.entry("package says what it is for", packageInfo()),
      Map.entry("first line names the licence", java("// SPDX-License-Identifier: Apache-2.0\n", "\n")),
      Map.entry("config keys are in CONFIG.md", documented("s.text(\"x.y\", \"\", \"\")", "docs/CONFIG.md", "`x.y`")),
      Map.entry("metrics are in the docs", documented("\"e2relay_x\"", "docs/METRICS.md", "`e2relay_x`")),
      Map.entry("links of the docs resolve",
          files("docs/X.md", "# A b\n[x](X.md#a-b) `[y](Y.md)` [z](https://example.org)", "[y](Y.md)")));

  private static SourceTree tree = SourceTree.of(Map.of());

  /// A tree that keeps a rule, and one that breaks it.
  record Breach(SourceTree kept, SourceTree broken) {
  }

  @BeforeAll
  static void read() throws IOException {
    tree = SourceTree.read(SourceTree.root());
  }

  static Set<String> rules() {
    return TidyRules.all().keySet();
  }

  static Stream<String> rulesOfTexts() {
    return rules().stream().filter(rule -> !rule.equals("catalogues and limits are in PROTOCOL.md"));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void the_tree_keeps_the_rule(String rule) {
    assertEquals(List.of(), find(rule, tree));
  }

  @ParameterizedTest
  @MethodSource("rulesOfTexts")
  void a_text_that_breaks_the_rule_is_found_and_one_that_keeps_it_is_not(String rule) {
    Breach breach = BREACHES.get(rule);
    assertTrue(breach != null, "a rule needs a text that breaks it: " + rule);
    assertEquals(List.of(), find(rule, breach.kept()));
    assertEquals(1, find(rule, breach.broken()).size());
  }

  @Test
  void every_code_and_limit_that_the_document_lacks_is_found() {
    String rule = "catalogues and limits are in PROTOCOL.md";
    String document = tree.files().getOrDefault("docs/PROTOCOL.md", "");
    assertEquals(List.of(), find(rule, SourceTree.of("docs/PROTOCOL.md", document)));
    for (String row : List.of("| 202 | STALE_EPOCH | REFRESH_KEYS |", "| 4008 | SLOW | yes |",
        "| BODY_BYTES_MAX | 67584 |")) {
      assertEquals(List.of("docs/PROTOCOL.md lacks " + row),
          find(rule, SourceTree.of("docs/PROTOCOL.md", document.replace(row, ""))));
    }
  }

  @Test
  void a_default_over_an_enum_or_a_sealed_type_of_ours_is_found() {
    String types = "enum E { ONE } sealed interface S { record Both(int a) implements S {} } ";
    String code = types + "class X { int f(Object o) { return switch (o) { case %s -> 1; default -> 2; }; } }";
    String rule = "switch over a closed world has no default";
    for (String closed : List.of("ONE", "E.ONE", "Both b", "S.Both b", "S.Both(int a)")) {
      assertEquals(List.of(FILE + ":1"), find(rule, SourceTree.of(FILE, code.formatted(closed))), closed);
    }
    for (String open : List.of("1", "OTHER", "String s", "\"ONE\"")) {
      assertEquals(List.of(), find(rule, SourceTree.of(FILE, code.formatted(open))), open);
    }
  }

  @Test
  void the_tree_was_read() {
    assertTrue(tree.files().size() > 100, "files=" + tree.files().size());
    assertTrue(tree.files().containsKey(PROTO));
    assertFalse(tree.files().keySet().stream().anyMatch(path -> path.contains("/target/")));
  }

  private static List<String> find(String rule, SourceTree in) {
    return TidyRules.all().getOrDefault(rule, _ -> List.of("no such rule")).apply(in);
  }

  private static Breach java(String kept, String broken) {
    return files(FILE, kept, broken);
  }

  private static Breach files(String path, String kept, String broken) {
    return new Breach(SourceTree.of(path, kept), SourceTree.of(path, broken));
  }

  private static Breach paths(String kept, String broken) {
    return new Breach(SourceTree.of(kept, ""), SourceTree.of(broken, ""));
  }

  private static Breach documented(String code, String document, String text) {
    return new Breach(SourceTree.of(Map.of(FILE, code, document, text)),
        SourceTree.of(Map.of(FILE, code, document, "")));
  }

  private static Breach packageInfo() {
    String info = FILE.replace("X.java", "package-info.java");
    return new Breach(SourceTree.of(Map.of(FILE, "", info, "\n/// What for.\n@NullMarked\npackage x;")),
        SourceTree.of(Map.of(FILE, "", info, "@NullMarked\npackage x;")));
  }

  private static Breach closedWorld(String open, String closed) {
    String schema = "message F {\n  oneof body {\n    Send send = 1;\n  }\n}";
    String code = "class X { int f(Object o) { return switch (o) { %s -> 1; default -> 2; }; } }";
    return new Breach(SourceTree.of(Map.of(FILE, code.formatted(open), PROTO, schema)),
        SourceTree.of(Map.of(FILE, code.formatted(closed), PROTO, schema)));
  }

  private static String method(int statements) {
    return "class X {\n  void f() {\n" + "    f();\n".repeat(statements) + "  }\n}\n";
  }
}
