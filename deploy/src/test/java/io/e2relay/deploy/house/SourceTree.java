// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.house;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The text files of a source tree by their path below the root, with slashes; or made up, for a fixture.
record SourceTree(SortedMap<String, String> files) {
  private static final Set<String> ENDS = Set.of("java", "proto", "ts", "mjs", "sql", "md", "xml", "html", "css");
  private static final Set<String> NOT_OURS = Set.of("target", "node_modules", "dist", "generated", "gen", "fixture");

  static SourceTree of(String path, String text) {
    return new SourceTree(new TreeMap<>(Map.of(path, text)));
  }

  static SourceTree of(Map<String, String> files) {
    return new SourceTree(new TreeMap<>(files));
  }

  /// The folder of the parent pom, from wherever Maven runs the tests.
  static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("deploy/format/eclipse.xml"))) {
      folder = requireNonNull(folder.getParent(), "these tests run within the source tree");
    }
    return folder;
  }

  /// All files but built ones, and the architecture fixtures, which are wrong on purpose.
  static SourceTree read(Path root) throws IOException {
    SortedMap<String, String> files = new TreeMap<>();
    Files.walkFileTree(root, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
        String name = String.valueOf(folder.getFileName());
        return !folder.equals(root) && (NOT_OURS.contains(name) || name.startsWith("."))
            ? FileVisitResult.SKIP_SUBTREE
            : FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        String path = root.relativize(file).toString().replace('\\', '/');
        if (ENDS.contains(path.substring(path.lastIndexOf('.') + 1))) {
          files.put(path, Files.readString(file));
        }
        return FileVisitResult.CONTINUE;
      }
    });
    return new SourceTree(files);
  }

  Stream<Map.Entry<String, String>> matching(String pattern) {
    return files.entrySet().stream().filter(file -> file.getKey().matches(pattern));
  }

  Stream<Map.Entry<String, String>> java() {
    return matching(".*\\.java");
  }

  Stream<Map.Entry<String, String>> javaOfMain() {
    return matching(".*/src/main/java/.*\\.java");
  }
}
