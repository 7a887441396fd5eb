// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A [BackingChild] and its folder.
record ChildJvm(Process process, Path answerFile, Path log) implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  static ChildJvm start(Path folder, String... arguments) throws IOException {
    return start(List.of(), OwnFolder.home(), System.getProperty("java.class.path"), folder.resolve("answer"),
        arguments);
  }

  /// @param before words before the command, for example to become another user
  static ChildJvm start(List<String> before, Path home, String classPath, Path answerFile, String... arguments)
      throws IOException {
    Files.deleteIfExists(answerFile);
    Path log = Files.createTempFile(TestFolder.base(), "child-", ".log");
    List<String> command = new ArrayList<>(before);
    command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-cp",
        classPath, "-Danswer=" + answerFile, BackingChild.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectInput(new File("/dev/null")).redirectErrorStream(true)
        .redirectOutput(log.toFile());
    builder.environment().put("HOME", home.toString());
    if (!before.isEmpty()) {
      builder.environment().remove("XDG_CACHE_HOME");
    }
    return new ChildJvm(builder.start(), answerFile, log);
  }

  /// The answer, once there is one.
  String answer() throws IOException {
    boolean answered = Wait.until(LIMIT, () -> Files.exists(answerFile) || !process.isAlive());
    @Nullable
    String answer = OwnFolder.read(answerFile);
    if (!answered || answer == null) {
      throw new AssertionError("the child gave no answer: " + Files.readString(log));
    }
    return answer;
  }

  int awaitExit() throws IOException {
    if (!Wait.until(LIMIT, () -> !process.isAlive())) {
      throw new AssertionError("the child did not end: " + Files.readString(log));
    }
    return process.exitValue();
  }

  /// As kill -9 does: nothing of it can run any more.
  void kill() throws IOException {
    process.destroyForcibly();
    awaitExit();
  }

  @Override
  public void close() throws IOException {
    kill();
    Files.deleteIfExists(log);
  }
}
