// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The programs of the operating system that we call by name.
final class Programs {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String USUAL = "/usr/bin:/bin:/usr/sbin:/sbin";

  private Programs() {
  }

  static @Nullable Path find(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of((path + File.pathSeparator + USUAL).split(File.pathSeparator)).filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, name)).filter(Files::isExecutable).findFirst().orElse(null);
  }

  /// Runs a command to its end, its output unseen; true if it ended well.
  static boolean succeeds(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectInput(new File("/dev/null"))
          .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      return Wait.until(LIMIT, () -> !process.isAlive()) && process.exitValue() == 0;
    } catch (IOException _) {
      return false;
    }
  }
}
