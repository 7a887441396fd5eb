// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.interop;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// The TypeScript side, in a process of its own: a line with what to do, a line with the answer.
final class NodePeer implements AutoCloseable {
  private static final Path HOME = Path.of("..", "client", "web").toAbsolutePath().normalize();

  private final Process process;
  private final Writer commands;
  private final BufferedReader answers;

  private NodePeer(Process process) {
    this.process = process;
    this.commands = process.outputWriter(StandardCharsets.UTF_8);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /// What is too large for a line it writes into the folder.
  static NodePeer start(Path folder) throws IOException, InterruptedException {
    Process build = new ProcessBuilder("node", "build/interop.mjs").directory(HOME.toFile()).redirectErrorStream(true)
        .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null"))).start();
    String output = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (build.waitFor() != 0) {
      throw new AssertionError(output);
    }
    List<String> command = List.of("node", "--max-old-space-size=1024", output.lines().toList().getLast(),
        folder.toString());
    return new NodePeer(
        new ProcessBuilder(command).directory(HOME.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  JsonObject ask(JsonObject command) {
    try {
      commands.write(command.encode());
      commands.write('\n');
      commands.flush();
      String line = answers.readLine();
      if (line == null) {
        throw new AssertionError("the other side ended at " + command.getString("operation"));
      }
      JsonObject answer = new JsonObject(line);
      if (answer.containsKey("error")) {
        throw new AssertionError(answer.getString("error"));
      }
      return answer;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
