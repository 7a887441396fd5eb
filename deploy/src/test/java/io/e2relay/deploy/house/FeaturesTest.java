// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.e2relay.deploy.house.FeatureReport.Feature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// docs/FEATURES.md against the tests that it names; and the check against tests that are not what they seem.
final class FeaturesTest {
  private static final String ROW = "| reading | Only members read. | server | `relay:ReadTest#members_read` |\n";

  @Test
  void every_test_that_a_feature_names_is_there_and_none_that_ran_failed() throws IOException {
    Path root = SourceTree.root();
    List<Feature> features = FeatureReport.features(Files.readString(root.resolve("docs/FEATURES.md")));
    assertFalse(features.isEmpty());
    assertEquals(List.of(), FeatureReport.missing(root, features));
    assertEquals(List.of(), FeatureReport.notRun(root, features, false));
  }

  @Test
  void every_test_that_a_promise_of_the_protocol_names_is_there() throws IOException {
    Path root = SourceTree.root();
    List<Feature> promises = FeatureReport.features(Files.readString(root.resolve("docs/PROTOCOL.md")));
    assertFalse(promises.isEmpty());
    assertEquals(List.of(), FeatureReport.missing(root,
        promises.stream().map(row -> new Feature(row.id(), row.sentence(), "server", row.tests())).toList()));
  }

  @Test
  void a_row_is_read_with_all_its_tests() {
    assertEquals(
        List.of(new Feature("reading", "Only members read.", "server",
            List.of("relay:ReadTest#members_read", "client/web:reads its own"))),
        FeatureReport.features(ROW.replace(" |\n", " `client/web:reads its own` |\n")));
  }

  @Test
  void a_test_that_is_missing_is_found(@TempDir Path root) throws IOException {
    assertEquals(List.of("reading: relay:ReadTest#members_read is not there"), missing(root));
    source(root, "ReadTest", "final class ReadTest {\n  @Test\n  void members_write() {}\n}");
    assertEquals(List.of("reading: relay:ReadTest#members_read is not there"), missing(root));
    source(root, "ReadTest", "final class ReadTest {\n  @Test\n  void members_read() {}\n}");
    assertEquals(List.of(), missing(root));
  }

  @Test
  void a_test_that_is_switched_off_is_found(@TempDir Path root) throws IOException {
    source(root, "ReadTest", "final class ReadTest {\n  @Test\n  @Disabled(\"slow\")\n  void members_read() {}\n}");
    assertEquals(List.of("reading: relay:ReadTest#members_read is switched off"), missing(root));
    source(root, "ReadTest", "@Disabled\nfinal class ReadTest {\n  @Test\n  void members_read() {}\n}");
    assertEquals(List.of("reading: relay:ReadTest#members_read is switched off"), missing(root));
    source(root, "ReadTest", "final class ReadTest {\n  void members_read() {}\n}");
    assertEquals(List.of("reading: relay:ReadTest#members_read is no test"), missing(root));
  }

  @Test
  void a_test_of_a_shared_contract_counts_for_the_class_that_runs_it(@TempDir Path root) throws IOException {
    source(root, "ReadTest", "final class ReadTest implements ReadContract {\n}");
    source(root, "ReadContract", "interface ReadContract {\n  @Test\n  default void members_read() {}\n}");
    assertEquals(List.of(), missing(root));
  }

  @Test
  void a_row_without_a_test_is_found() throws IOException {
    assertEquals(List.of("reading lacks its sentence, its place or its test"), FeatureReport.missing(Path.of("."),
        FeatureReport.features("| reading | Only members read. | server | later |\n")));
  }

  @Test
  void a_test_that_did_not_run_well_is_found(@TempDir Path root) throws IOException {
    assertEquals(List.of(), notRun(root, false));
    assertEquals(List.of("reading: relay:ReadTest#members_read did not run"), notRun(root, true));
    report(root, "<testcase name=\"members_write\"/>");
    assertEquals(List.of("reading: relay:ReadTest#members_read did not run"), notRun(root, false));
    report(root,
        "<testcase name=\"members_read(int)[1]\"/><testcase name=\"members_read(int)[2]\"><skipped/></testcase>");
    assertEquals(List.of("reading: relay:ReadTest#members_read SKIPPED"), notRun(root, false));
    report(root, "<testcase name=\"members_read\"><failure/></testcase>");
    assertEquals(List.of("reading: relay:ReadTest#members_read FAILED"), notRun(root, false));
    report(root, "<testcase name=\"members_read\"/>");
    assertEquals(List.of(), notRun(root, true));
  }

  private static List<String> missing(Path root) throws IOException {
    return FeatureReport.missing(root, FeatureReport.features(ROW));
  }

  private static List<String> notRun(Path root, boolean all) throws IOException {
    return FeatureReport.notRun(root, FeatureReport.features(ROW), all);
  }

  private static void source(Path root, String name, String text) throws IOException {
    Path folder = Files.createDirectories(root.resolve("relay/src/test/java/io/e2relay/relay"));
    Files.writeString(folder.resolve(name + ".java"), text);
  }

  private static void report(Path root, String cases) throws IOException {
    Path folder = Files.createDirectories(root.resolve("relay/target/surefire-reports"));
    Files.writeString(folder.resolve("TEST-io.e2relay.relay.ReadTest.xml"), "<testsuite>" + cases + "</testsuite>");
  }
}
