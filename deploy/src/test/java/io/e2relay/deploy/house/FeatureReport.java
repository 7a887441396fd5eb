// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.house;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/// Holds docs/FEATURES.md to its word: every test that it names is there, is not switched off, and ran well.
///
/// `java FeatureReport.java ROOT` checks sources and reports after a whole build, so it uses the JDK only. The test of
/// this class checks what is there while the build still runs.
final class FeatureReport {
  /// One row of the table. Tests are written module:Class#method; those of the page client/web:title.
  record Feature(String id, String sentence, String where, List<String> tests) {
  }

  enum Outcome {
    PASSED, FAILED, SKIPPED
  }

  // The place may be missing: promises of the protocol are all the server's. A head is followed by its rule.
  private static final Pattern ROW = Pattern
      .compile("(?m)^\\| *(G\\d|[a-z]+(?:-[a-z]+)*) *\\|([^|]*)\\|(?:([^|`]*)\\|)?([^|]*)\\|$(?!\\R\\|-)");
  private static final Pattern TEST = Pattern.compile("`([\\w/]+):([^`]+)`");
  private static final Pattern PARENTS = Pattern.compile("(?:implements|extends)\\s+([\\w,\\s.<>]+?)\\s*\\{");

  private FeatureReport() {
  }

  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments[0]);
    List<Feature> features = features(Files.readString(root.resolve("docs/FEATURES.md")));
    List<String> problems = new ArrayList<>(missing(root, features));
    problems.addAll(notRun(root, features, true));
    problems.forEach(problem -> System.out.println("docs/FEATURES.md: " + problem));
    System.out.println("shown: features done=" + features.size() + " problems=" + problems.size());
    System.exit(problems.isEmpty() ? 0 : 1);
  }

  static List<Feature> features(String document) {
    return ROW.matcher(document).results().map(row -> new Feature(row.group(1), row.group(2).strip(),
        row.group(3) == null ? "" : row.group(3).strip(), tests(row.group(4)))).toList();
  }

  private static List<String> tests(String cell) {
    return TEST.matcher(cell).results().map(test -> test.group(1) + ":" + test.group(2)).toList();
  }

  /// Rows that say nothing, and tests that are not in the sources or are switched off there.
  static List<String> missing(Path root, List<Feature> features) throws IOException {
    List<String> problems = new ArrayList<>();
    for (Feature feature : features) {
      if (feature.tests().isEmpty() || feature.sentence().isEmpty() || feature.where().isEmpty()) {
        problems.add(feature.id() + " lacks its sentence, its place or its test");
      }
      for (String test : feature.tests()) {
        String problem = source(root, test);
        if (!problem.isEmpty()) {
          problems.add(feature.id() + ": " + test + " " + problem);
        }
      }
    }
    return problems;
  }

  /// Tests that failed, were skipped or are in no report. Unless all must have run, a class without a report may
  /// still be waiting for its turn, and reports of this module, whose tests run now, may be those of the last time.
  static List<String> notRun(Path root, List<Feature> features, boolean all) throws IOException {
    List<String> problems = new ArrayList<>();
    for (Feature feature : features) {
      for (String test : feature.tests()) {
        if (!all && module(test).equals("deploy")) {
          continue;
        }
        Map<String, Outcome> report = report(root, test);
        Outcome outcome = report.get(method(test));
        if (outcome == null ? all || !report.isEmpty() : outcome != Outcome.PASSED) {
          problems.add(feature.id() + ": " + test + (outcome == null ? " did not run" : " " + outcome.name()));
        }
      }
    }
    return problems;
  }

  private static String module(String test) {
    return test.substring(0, test.indexOf(':'));
  }

  private static String className(String test) {
    int method = test.indexOf('#');
    return method < 0 ? "" : test.substring(test.indexOf(':') + 1, method);
  }

  private static String method(String test) {
    return test.substring(Math.max(test.indexOf(':'), test.indexOf('#')) + 1);
  }

  private static String source(Path root, String test) throws IOException {
    Path sources = root.resolve(module(test));
    if (className(test).isEmpty()) {
      boolean there = files(sources.resolve("test"), ".*\\.(ts|mjs)").stream()
          .anyMatch(file -> read(file).contains(method(test)));
      return there ? "" : "is not there";
    }
    return inClass(sources.resolve("src/test/java"), className(test), method(test));
  }

  /// Looks into the class and then into what it extends, where shared contracts have their tests.
  private static String inClass(Path sources, String name, String method) throws IOException {
    List<Path> found = files(sources, ".*/" + Pattern.quote(name) + "\\.java");
    if (found.isEmpty()) {
      return "is not there";
    }
    String text = read(found.getFirst());
    Matcher declared = Pattern.compile(
        "((?:@[\\w.]+(?:\\([^)]*\\))?\\s+)*)(?:default\\s+|public\\s+)?void\\s+" + Pattern.quote(method) + "\\s*\\(")
        .matcher(text);
    if (declared.find()) {
      boolean off = declared.group(1).contains("@Disabled")
          || text.substring(0, text.indexOf(" class ") + 1).contains("@Disabled");
      return off ? "is switched off" : declared.group(1).contains("Test") ? "" : "is no test";
    }
    Matcher parents = PARENTS.matcher(text);
    while (parents.find()) {
      for (String parent : parents.group(1).split("\\W+")) {
        if (!parent.equals(name) && inClass(sources, parent, method).isEmpty()) {
          return "";
        }
      }
    }
    return "is not there";
  }

  /// What the reports of the test's class say, by method; a method that ran several times is as good as its worst.
  private static Map<String, Outcome> report(Path root, String test) throws IOException {
    Map<String, Outcome> outcomes = new TreeMap<>();
    String name = className(test).isEmpty() ? ".*" : "(.*\\.)?" + Pattern.quote(className(test));
    Path reports = root.resolve(module(test)).resolve("target/surefire-reports");
    for (Path file : files(reports, ".*/TEST-" + name + "\\.xml")) {
      try (InputStream in = Files.newInputStream(file)) {
        read(XMLInputFactory.newDefaultFactory().createXMLStreamReader(in), outcomes);
      } catch (XMLStreamException e) {
        throw new IOException(file + " is half a report", e);
      }
    }
    return outcomes;
  }

  private static void read(XMLStreamReader reader, Map<String, Outcome> outcomes) throws XMLStreamException {
    String name = "";
    while (reader.hasNext()) {
      if (reader.next() == XMLStreamConstants.START_ELEMENT) {
        switch (reader.getLocalName()) {
          case "testcase" -> {
            // Parameterised ones carry their parameter types and number behind the name.
            name = reader.getAttributeValue(null, "name").replaceAll("[({\\[].*", "").strip();
            outcomes.putIfAbsent(name, Outcome.PASSED);
          }
          case "failure", "error" -> outcomes.put(name, Outcome.FAILED);
          case "skipped" -> outcomes.merge(name, Outcome.SKIPPED, (was, now) -> was == Outcome.FAILED ? was : now);
          default -> {
            // Output and properties.
          }
        }
      }
    }
  }

  private static List<Path> files(Path folder, String pattern) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> file.toString().replace('\\', '/').matches(pattern)).sorted().toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
