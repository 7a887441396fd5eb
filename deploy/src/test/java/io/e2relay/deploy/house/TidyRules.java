// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What every source file must keep to. A rule takes a tree and gives what it found; raising a cap or adding an
/// exception is a reviewed line in this file.
final class TidyRules {
  private static final int FILE_LINES_MAX = 400;
  private static final int METHOD_LINES_MAX = 60;
  private static final int LINE_CHARS_MAX = 120;
  private static final int CONSTRUCTOR_PARAMETERS_MAX = 6;

  private static final String CODE = ".*\\.(java|proto|ts|mjs)";
  /// Where the outside begins: these may ask the clock or speak to the terminal.
  private static final Pattern CLOCK_EDGE = Pattern
      .compile("deploy/.*|loadtest/.*|client/java/.*|.*/(\\w*Verticle|Postgres\\w*)\\.java|.*/src/test/.*");
  private static final Pattern TERMINAL_EDGE = Pattern
      .compile("deploy/src/main/java/io/e2relay/deploy/(Main|command/\\w+)\\.java|loadtest/.*|.*/src/test/.*");

  private static final Pattern MARKS = Pattern.compile("\\b(TODO|FIXME|XXX|HACK)\\b");
  private static final Pattern CLOCK = Pattern
      .compile("\\b(Instant\\.now|System\\.currentTimeMillis|LocalDate(Time)?\\.now)\\s*\\(");
  private static final Pattern CHANCE = Pattern.compile("\\bnew Random\\s*\\(|\\bMath\\.random\\s*\\(");
  private static final Pattern SEEDLESS = Pattern.compile("\\bnew Random\\s*\\(\\s*\\)|\\bMath\\.random\\s*\\(");
  private static final Pattern MAIN = Pattern.compile(".*/src/main/.*");
  private static final Pattern TEST = Pattern.compile(".*/src/test/.*");
  private static final Pattern TERMINAL = Pattern.compile("\\bSystem\\.(out|err)\\b|\\.printStackTrace\\s*\\(");
  private static final Pattern SLEEP = Pattern.compile("\\bThread\\.sleep\\s*\\(|\\bTimeUnit\\.\\w+\\.sleep\\s*\\(");
  private static final Pattern VAGUE_TYPE = Pattern.compile(".*/\\w*(Manager|Util|Utils|Helper|Impl)\\.java");
  private static final Pattern VAGUE_FOLDER = Pattern
      .compile(".*/src/(main|test)/java/(.*/)?(util|utils|common|impl|manager|helper|helpers|service|repository)/.*");
  private static final Pattern MOCKS = Pattern.compile("(?i)mockito|easymock|jmockit");

  private TidyRules() {
  }

  /// Every rule by its name.
  static Map<String, Function<SourceTree, List<String>>> all() {
    Map<String, Function<SourceTree, List<String>>> rules = new TreeMap<>();
    rules.put("file has at most 400 lines", TidyRules::fileLength);
    rules.put("line has at most 120 characters", TidyRules::lineLength);
    rules.put("method has at most 60 lines", TidyRules::methodLength);
    rules.put("constructor has at most 6 parameters", TidyRules::constructorParameters);
    rules.put("switch over a closed world has no default", TidyRules::defaults);
    rules.put("comment leaves nothing for later", tree -> inComments(tree, MARKS));
    rules.put("clock is asked at the edges only", tree -> inCode(tree, CLOCK, CLOCK_EDGE));
    rules.put("chance comes from SecureRandom", tree -> inCode(tree, CHANCE, TEST));
    rules.put("chance of a test comes from a seed", tree -> inCode(tree, SEEDLESS, MAIN));
    rules.put("terminal is written to at the edges only", tree -> inCode(tree, TERMINAL, TERMINAL_EDGE));
    rules.put("test waits for a fact and never sleeps", tree -> inCode(tree, SLEEP, MAIN));
    rules.put("type says what it is", tree -> paths(tree, VAGUE_TYPE));
    rules.put("folder is a noun of the domain", tree -> paths(tree, VAGUE_FOLDER));
    rules.put("mock library is not used", TidyRules::mocks);
    rules.put("package says what it is for", TidyRules::packageInfo);
    rules.put("first line names the licence", TidyRules::licence);
    rules.put("catalogues and limits are in PROTOCOL.md", DocRules::catalogues);
    rules.put("config keys are in CONFIG.md", DocRules::configKeys);
    rules.put("metrics are in the docs", DocRules::metrics);
    rules.put("links of the docs resolve", DocRules::links);
    return rules;
  }

  private static List<String> fileLength(SourceTree tree) {
    return tree.matching(CODE).filter(file -> file.getValue().lines().count() > FILE_LINES_MAX)
        .map(file -> file.getKey() + " has " + file.getValue().lines().count() + " lines").toList();
  }

  private static List<String> lineLength(SourceTree tree) {
    List<String> found = new ArrayList<>();
    tree.matching(CODE).forEach(file -> {
      List<String> lines = file.getValue().lines().toList();
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i);
        if (line.codePointCount(0, line.length()) > LINE_CHARS_MAX) {
          found.add(file.getKey() + ":" + (i + 1));
        }
      }
    });
    return found;
  }

  private static List<String> methodLength(SourceTree tree) {
    return shape(tree).methods().stream().filter(method -> method.lines() > METHOD_LINES_MAX)
        .map(method -> "%s:%d %s has %d lines".formatted(method.file(), method.line(), method.name(), method.lines()))
        .toList();
  }

  private static List<String> constructorParameters(SourceTree tree) {
    return shape(tree).methods().stream()
        .filter(method -> method.constructor() && method.parameters() > CONSTRUCTOR_PARAMETERS_MAX)
        .map(method -> "%s:%d has %d parameters".formatted(method.file(), method.line(), method.parameters())).toList();
  }

  /// By names, because no types are known here: those of sealed types, of our enums, and of what the schema generates.
  private static List<String> defaults(SourceTree tree) {
    JavaShape shape = shape(tree);
    Set<String> ours = new HashSet<>(shape.enumConstants());
    ours.addAll(shape.sealedMembers());
    tree.matching(".*\\.proto").forEach(file -> ours.addAll(schemaConstants(file.getValue())));
    return shape.switches().stream()
        .filter(one -> one.file().contains("/src/main/") && one.labels().stream().anyMatch(ours::contains))
        .map(one -> one.file() + ":" + one.line()).toList();
  }

  /// The cases of a oneof (field names in capitals) and the values of enums.
  private static Set<String> schemaConstants(String proto) {
    Set<String> names = new HashSet<>();
    Matcher matcher = Pattern.compile("(?m)^\\s*(?:[\\w.]+ )?(\\w+) = \\d+;").matcher(proto);
    while (matcher.find()) {
      names.add(matcher.group(1).toUpperCase(java.util.Locale.ROOT));
    }
    return names;
  }

  private static List<String> inCode(SourceTree tree, Pattern banned, Pattern edge) {
    Set<String> found = new TreeSet<>();
    tree.java().filter(file -> !edge.matcher(file.getKey()).matches()).forEach(file -> {
      Matcher matcher = banned.matcher(JavaText.code(file.getValue()));
      while (matcher.find()) {
        found.add(file.getKey() + ":" + JavaText.line(file.getValue(), matcher.start()));
      }
    });
    return List.copyOf(found);
  }

  private static List<String> inComments(SourceTree tree, Pattern banned) {
    Set<String> found = new TreeSet<>();
    tree.matching(CODE).forEach(file -> {
      Matcher matcher = banned.matcher(JavaText.comments(file.getValue()));
      while (matcher.find()) {
        found.add(file.getKey() + ":" + JavaText.line(file.getValue(), matcher.start()));
      }
    });
    return List.copyOf(found);
  }

  private static List<String> paths(SourceTree tree, Pattern banned) {
    return tree.java().map(Map.Entry::getKey).filter(path -> banned.matcher(path).matches()).toList();
  }

  private static List<String> mocks(SourceTree tree) {
    List<String> found = new ArrayList<>(tree.matching("(.*/)?pom\\.xml")
        .filter(file -> MOCKS.matcher(file.getValue()).find()).map(Map.Entry::getKey).toList());
    found.addAll(inCode(tree, MOCKS, Pattern.compile("")));
    return found;
  }

  /// A package of tests alone needs its own; one that tests a package beside it has that package's.
  private static List<String> packageInfo(SourceTree tree) {
    Set<String> found = new HashSet<>();
    tree.matching(".*/src/(main|test)/java/.*/\\w+\\.java").forEach(file -> {
      String folder = file.getKey().substring(0, file.getKey().lastIndexOf('/') + 1);
      String own = tree.files().getOrDefault(folder + "package-info.java", "");
      String tested = tree.files()
          .getOrDefault(folder.replace("/src/test/java/", "/src/main/java/") + "package-info.java", "");
      String text = own.isEmpty() ? tested : own;
      if (!text.contains("@NullMarked") || !text.contains("\n/// ")) {
        found.add(folder);
      }
    });
    return found.stream().sorted().toList();
  }

  private static List<String> licence(SourceTree tree) {
    return tree.matching(".*\\.(java|proto)")
        .filter(file -> !file.getValue().startsWith("// SPDX-License-Identifier: Apache-2.0\n")).map(Map.Entry::getKey)
        .toList();
  }

  private static JavaShape shape(SourceTree tree) {
    try {
      return JavaShape.of(tree);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
