// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.house;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// What the server runs with, as Maven resolved it for the deploy module.
final class RuntimeClasspath {
  // Client code decrypts; the rest would be a second way to do what the house does in one way.
  private static final Pattern UNWANTED = Pattern
      .compile("e2relay-client|[/\\\\]client[/\\\\]java[/\\\\]|e2relay-loadtest|[/\\\\]loadtest[/\\\\]|mockito|rxjava"
          + "|reactor-core|spring-|guice|gatling|archunit|junit|testcontainers");
  private static final Pattern MOCKS = Pattern.compile("mockito|easymock|jmock|powermock|wiremock");

  private RuntimeClasspath() {
  }

  static List<String> entries(Path root) throws IOException {
    String written = Files.readString(root.resolve("deploy/target/runtime-classpath.txt"));
    return List.of(written.strip().split(File.pathSeparator));
  }

  static List<String> unwanted(List<String> entries) {
    return entries.stream().filter(entry -> UNWANTED.matcher(entry).find()).toList();
  }

  static List<String> mocks(List<String> entries) {
    return entries.stream().filter(entry -> MOCKS.matcher(entry).find()).toList();
  }
}
