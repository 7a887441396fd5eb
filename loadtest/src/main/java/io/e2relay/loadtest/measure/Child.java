// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.measure;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A process that is measured, from its start until it says that it is ready, to its end.
public final class Child implements AutoCloseable {
  private static final int END_SECONDS = 30;

  private final Process process;
  private final List<String> said = new ArrayList<>();

  private Child(Process process) {
    this.process = process;
  }

  /// Returns once it has printed a line with this word.
  public static Child start(List<String> command, String ready) {
    try {
      Process process = new ProcessBuilder(command).redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
          .redirectErrorStream(true).start();
      Child child = new Child(process);
      try {
        child.awaitReady(ready);
        return child;
      } catch (IOException | RuntimeException e) {
        child.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What follows the name on its line.
  public String said(String name) {
    return said.stream().map(String::strip).filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(name.length()).strip()).findFirst().orElseThrow();
  }

  /// Of this process without its children.
  public CpuAccount cpu() {
    return CpuAccount.of(process.toHandle());
  }

  /// Of the PostgreSQL that this process has started, with all its own.
  public CpuAccount postgres() {
    return CpuAccount.ofTree(process.children().filter(child -> child.info().command().orElse("").endsWith("postgres"))
        .findFirst().orElseThrow(() -> new IllegalStateException("it runs no PostgreSQL")));
  }

  /// Memory of it that lies in RAM, as the kernel counts it.
  public long residentKib() {
    try {
      return Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status")).stream()
          .filter(line -> line.startsWith("VmRSS:")).map(line -> Long.valueOf(line.replaceAll("[^0-9]", "")))
          .findFirst().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Of a Java process: a full collection, twice, because what the first one finds may free more.
  public void collectGarbage() {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    try {
      for (int i = 0; i < 2; i++) {
        new ProcessBuilder(jcmd, String.valueOf(process.pid()), "GC.run").redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Read on, so that it can write.
  private static void forget(BufferedReader output) {
    try {
      output.transferTo(Writer.nullWriter());
    } catch (IOException _) {
      // It has ended.
    }
  }

  private void awaitReady(String ready) throws IOException {
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      said.add(line);
      if (line.contains(ready)) {
        Thread.ofVirtual().start(() -> forget(output));
        return;
      }
    }
    throw new IllegalStateException("the process did not start: " + String.join(System.lineSeparator(), said));
  }
}
