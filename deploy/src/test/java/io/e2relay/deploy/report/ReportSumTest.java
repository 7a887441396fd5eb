// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportSumTest {
  private static final String GOOD = "<testcase classname=\"A\" name=\"works\"/>";

  @TempDir
  Path root;

  @BeforeEach
  void makeModules() throws IOException {
    Files.writeString(root.resolve("pom.xml"),
        "<project><modules><module>one</module><module>deep/two</module></modules></project>");
  }

  @Test
  void all_modules_good_sum_up_and_exit_0() throws Exception {
    report("one", "TEST-A.xml", GOOD + GOOD);
    report("one", "TEST-B.xml", GOOD);
    report("deep/two", "TEST-web.xml", GOOD);
    assertEquals(List.of("4 passed, 0 failed, 0 skipped"), printed(0, true, 0));
  }

  @Test
  void failures_errors_and_skipped_tests_are_named_with_their_reasons() throws Exception {
    report("one", "TEST-A.xml", GOOD + """
        <testcase classname="A" name="breaks"><failure message="expected 1&#10;second line">stack</failure></testcase>
        <testcase classname="A" name="throws"><error type="X"/></testcase>
        <testcase classname="A" name="waits"><skipped message="no browser"/></testcase>
        <testcase classname="A" name="again"><flakyFailure message="once"/></testcase>""");
    report("deep/two", "TEST-A.xml", GOOD);
    assertEquals(List.of("failed:", "  A.breaks: expected 1", "  A.throws", "did not run:", "  A.waits: no browser",
        "3 passed, 2 failed, 1 skipped"), printed(0, false, 1));
  }

  @Test
  void what_did_not_run_is_named_and_only_strictly_a_failure() throws Exception {
    report("one", "TEST-A.xml", GOOD + "<testcase classname=\"A\" name=\"waits\"><skipped/></testcase>");
    assertEquals(List.of("did not run:", "  A.waits", "modules in which no test ran:", "  deep/two",
        "1 passed, 0 failed, 1 skipped"), printed(0, false, 0));
    assertEquals(List.of("failed:", "  module deep/two: no test ran", "did not run:", "  A.waits",
        "CI=true: what did not run counts as a failure", "1 passed, 1 failed, 1 skipped"), printed(0, true, 1));
  }

  @Test
  void a_skipped_test_alone_is_a_failure_when_strict() throws Exception {
    report("one", "TEST-A.xml", GOOD + "<testcase classname=\"A\" name=\"waits\"><skipped/></testcase>");
    report("deep/two", "TEST-A.xml", GOOD);
    printed(0, false, 0);
    printed(0, true, 1);
  }

  @Test
  void a_build_that_failed_outside_of_its_tests_counts_as_one_failure() throws Exception {
    report("one", "TEST-A.xml", GOOD);
    report("deep/two", "TEST-A.xml", GOOD);
    assertEquals("2 passed, 1 failed, 0 skipped", printed(1, false, 1).getLast());
  }

  @Test
  void half_a_report_is_a_failure() throws Exception {
    report("one", "TEST-A.xml", GOOD);
    Files.writeString(root.resolve("one/target/surefire-reports/TEST-B.xml"), "<testsuite><testcase");
    assertTrue(printed(0, false, 1).contains("  TEST-B.xml: cannot be read (XMLStreamException)"));
  }

  @Test
  void no_report_at_all_is_a_failure() throws Exception {
    assertEquals("0 passed, 0 failed, 0 skipped", printed(0, false, 1).getLast());
  }

  @Test
  void a_skipped_class_without_a_method_is_named() throws Exception {
    report("one", "TEST-A.xml", GOOD + "<testcase classname=\"B\" name=\"\"><skipped message=\"off\"/></testcase>");
    report("deep/two", "TEST-A.xml", GOOD);
    assertTrue(printed(0, false, 0).contains("  B: off"));
  }

  private void report(String module, String file, String cases) throws IOException {
    Path folder = Files.createDirectories(root.resolve(module).resolve("target/surefire-reports"));
    Files.writeString(folder.resolve(file),
        "<?xml version=\"1.0\"?>\n<testsuite><properties/>" + cases + "</testsuite>");
  }

  private List<String> printed(int mavenExit, boolean strict, int expectedExit) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int exit = ReportSum.print(ReportSum.of(root), mavenExit, strict,
        new PrintStream(bytes, true, StandardCharsets.UTF_8));
    List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(expectedExit, exit, lines.toString());
    return lines;
  }
}
