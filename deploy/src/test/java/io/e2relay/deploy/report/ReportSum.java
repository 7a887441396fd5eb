// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/// Sums the test reports of all modules, names what did not run, and prints the closing line.
///
/// The launcher runs this file as it is (`java ReportSum.java ROOT EXIT_CODE strict|lenient`), so it uses the JDK only.
final class ReportSum {
  private static final int NAMED_MAX = 200;

  /// What all reports together say. Failures and skipped tests are named with their reasons.
  record Sum(int passed, List<String> failed, List<String> skipped, List<String> silentModules) {
  }

  private int passed;
  private final List<String> failed = new ArrayList<>();
  private final List<String> skipped = new ArrayList<>();
  private final List<String> silentModules = new ArrayList<>();

  private ReportSum() {
  }

  public static void main(String[] arguments) throws IOException, XMLStreamException {
    Sum sum = of(Path.of(arguments[0]));
    System.exit(print(sum, Integer.parseInt(arguments[1]), arguments[2].equals("strict"), System.out));
  }

  /// Reads the reports of every module that the parent pom lists.
  static Sum of(Path root) throws IOException, XMLStreamException {
    ReportSum sum = new ReportSum();
    for (String module : modules(root.resolve("pom.xml"))) {
      if (sum.addModule(root.resolve(module)) == 0) {
        sum.silentModules.add(module);
      }
    }
    return new Sum(sum.passed, List.copyOf(sum.failed), List.copyOf(sum.skipped), List.copyOf(sum.silentModules));
  }

  /// Prints the sum and says with which code to exit.
  static int print(Sum sum, int mavenExit, boolean strict, PrintStream out) {
    List<String> failed = new ArrayList<>(sum.failed);
    if (mavenExit != 0) {
      failed.add("a check outside of the tests (exit code " + mavenExit + "; see above and target/launcher.log)");
    }
    if (strict) {
      sum.silentModules.forEach(module -> failed.add("module " + module + ": no test ran"));
    }
    name("failed", failed, out);
    name("did not run", sum.skipped, out);
    if (!strict) {
      name("modules in which no test ran", sum.silentModules, out);
    } else if (!sum.skipped.isEmpty()) {
      out.println("CI=true: what did not run counts as a failure");
    }
    out.printf("%d passed, %d failed, %d skipped%n", sum.passed, failed.size(), sum.skipped.size());
    return failed.isEmpty() && !(strict && !sum.skipped.isEmpty()) && sum.passed > 0 ? 0 : 1;
  }

  private static void name(String what, List<String> names, PrintStream out) {
    if (!names.isEmpty()) {
      out.println(what + ":");
      names.stream().limit(NAMED_MAX).forEach(name -> out.println("  " + name));
      if (names.size() > NAMED_MAX) {
        out.println("  and " + (names.size() - NAMED_MAX) + " more");
      }
    }
  }

  private static List<String> modules(Path pom) throws IOException, XMLStreamException {
    List<String> modules = new ArrayList<>();
    try (InputStream in = Files.newInputStream(pom)) {
      XMLStreamReader reader = xml(in);
      while (reader.hasNext()) {
        if (reader.next() == XMLStreamConstants.START_ELEMENT && reader.getLocalName().equals("module")) {
          modules.add(reader.getElementText().strip());
        }
      }
    }
    return modules;
  }

  /// The number of tests that ran in this module, well or not.
  private int addModule(Path module) throws IOException, XMLStreamException {
    Path reports = module.resolve("target").resolve("surefire-reports");
    if (!Files.isDirectory(reports)) {
      return 0;
    }
    int before = passed + failed.size();
    List<Path> files;
    try (Stream<Path> all = Files.list(reports)) {
      files = all.filter(file -> file.getFileName().toString().matches("TEST-.*\\.xml")).sorted().toList();
    }
    for (Path file : files) {
      try (InputStream in = Files.newInputStream(file)) {
        addReport(xml(in));
      } catch (XMLStreamException e) {
        // Half a report: the JVM that wrote it died.
        failed.add(file.getFileName() + ": cannot be read (" + e.getClass().getSimpleName() + ")");
      }
    }
    return passed + failed.size() - before;
  }

  private void addReport(XMLStreamReader reader) throws XMLStreamException {
    String name = "";
    Map<String, String> outcome = new TreeMap<>();
    while (reader.hasNext()) {
      int event = reader.next();
      if (event == XMLStreamConstants.START_ELEMENT) {
        switch (reader.getLocalName()) {
          case "testcase" -> {
            name = name(reader.getAttributeValue(null, "classname"), reader.getAttributeValue(null, "name"));
            outcome.clear();
          }
          case "failure", "error", "skipped" -> outcome.put(reader.getLocalName(), reason(reader));
          default -> {
            // Output, properties, and reruns that ended well.
          }
        }
      } else if (event == XMLStreamConstants.END_ELEMENT && reader.getLocalName().equals("testcase")) {
        addCase(name, outcome);
      }
    }
  }

  private void addCase(String name, Map<String, String> outcome) {
    String skip = outcome.get("skipped");
    String problem = outcome.getOrDefault("failure", outcome.get("error"));
    if (problem != null) {
      failed.add(name + problem);
    } else if (skip != null) {
      skipped.add(name + skip);
    } else {
      passed++;
    }
  }

  /// A class that was skipped as a whole has a case without a method.
  private static String name(String owner, String method) {
    return method == null || method.isEmpty() ? owner : owner + "." + method;
  }

  private static String reason(XMLStreamReader reader) {
    String message = reader.getAttributeValue(null, "message");
    if (message == null || message.isBlank()) {
      return "";
    }
    String line = message.strip().lines().findFirst().orElse("");
    return ": " + (line.length() > 200 ? line.substring(0, 200) + "…" : line);
  }

  private static XMLStreamReader xml(InputStream in) throws XMLStreamException {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    return factory.createXMLStreamReader(in);
  }
}
