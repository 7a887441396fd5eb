// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A clone, a PATH and JDKs made of scripts, so that the launcher can be tried on machines that lack something.
final class FakeMachine {
  private static final List<String> TOOLS = List.of("sh", "sed", "awk", "find", "sort", "sha256sum", "cut", "uname",
      "mkdir", "mv", "cp", "rm", "ls", "touch", "cat", "dirname", "readlink", "flock", "mkfifo", "head", "rmdir");
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /// What came of a call of the launcher.
  record Run(int exit, String out, String err) {
    /// What the server was given, which is what follows the class on its command line.
    List<String> serverArguments() {
      List<String> words = out.lines().toList();
      int main = words.indexOf("io.e2relay.deploy.Main");
      return words.subList(main + 1, words.size());
    }
  }

  private final Path folder;
  private final Path bin;
  private final Path clone;

  FakeMachine(Path folder) throws IOException {
    this.folder = folder;
    this.bin = Files.createDirectories(folder.resolve("bin"));
    this.clone = folder.resolve("a clone").resolve("e2relay");
    for (String tool : TOOLS) {
      linkTool(tool);
    }
    addJdk(folder.resolve("jdk 25"), "25.0.3", true);
    setMavenVersion("3.9.9");
    setNodeVersion("22.1.0");
    script(bin.resolve("npm"), "exit 0");
    makeClone();
  }

  Path home() {
    return clone;
  }

  Path launcher() {
    return clone.resolve("deploy/e2relay");
  }

  Run run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(launcher().toString()));
    command.addAll(List.of(arguments));
    return run(command);
  }

  Run runShell(String line) throws IOException, InterruptedException {
    return run(List.of("/bin/sh", "-c", line));
  }

  void addJdk(Path home, String version, boolean complete) throws IOException {
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
    script(home.resolve("bin/java"), "for word in \"$@\"; do echo \"$word\"; done");
    if (complete) {
      script(home.resolve("bin/javac"), "exit 0");
    }
  }

  void removeJdk() throws IOException {
    Files.delete(folder.resolve("jdk 25/bin/java"));
  }

  void remove(String program) throws IOException {
    Files.delete(bin.resolve(program));
  }

  void setMavenVersion(String version) throws IOException {
    script(bin.resolve("mvn"), """
        if [ "$1" = --version ]; then echo "Apache Maven %s (abc)"; exit 0; fi
        echo "$@" >>'%s'
        while [ "$1" != -f ]; do shift; done
        root=$(dirname "$2")
        echo "[INFO] Building e2relay protocol 0.1.0-SNAPSHOT                       [2/3]"
        if [ -e "$root/broken" ]; then echo "[ERROR] it is broken"; exit 1; fi
        mkdir -p "$root/deploy/target/lib"
        echo jar >"$root/deploy/target/lib/dependency.jar"
        echo jar >"$root/deploy/target/e2relay-deploy-0.jar"
        """.formatted(version, folder.resolve("maven calls")));
  }

  void setNodeVersion(String version) throws IOException {
    script(bin.resolve("node"), "echo v" + version);
  }

  void breakBuild() throws IOException {
    Files.writeString(clone.resolve("broken"), "");
  }

  List<String> mavenCalls() throws IOException {
    Path calls = folder.resolve("maven calls");
    return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
  }

  /// The folders of built servers, the oldest first.
  List<Path> dists() throws IOException {
    Path dists = folder.resolve("cache/e2relay/dist");
    if (!Files.exists(dists)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(dists)) {
      return all.sorted(Comparator.comparing(FakeMachine::modified)).toList();
    }
  }

  List<String> stagedJars() throws IOException {
    List<String> jars = new ArrayList<>();
    for (Path dist : dists()) {
      try (Stream<Path> lib = Files.list(dist.resolve("lib"))) {
        lib.map(jar -> jar.getFileName().toString()).sorted().forEach(jars::add);
      }
    }
    return jars;
  }

  private static java.nio.file.attribute.FileTime modified(Path path) {
    try {
      return Files.getLastModifiedTime(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Run run(List<String> command) throws IOException, InterruptedException {
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("PATH", bin.toString());
    environment.put("HOME", folder.resolve("home").toString());
    environment.put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    environment.put("JAVA_HOME", folder.resolve("jdk 25").toString());
    Process process = builder.start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("the launcher did not end");
    }
    return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private void makeClone() throws IOException {
    for (String file : List.of("pom.xml", "relay/pom.xml", "relay/src/main/java/Old.java")) {
      Files.createDirectories(clone.resolve(file).getParent());
      Files.writeString(clone.resolve(file), file);
    }
    Path help = clone.resolve("deploy/src/main/resources/io/e2relay/deploy/help");
    Files.createDirectories(help);
    try (Stream<Path> texts = Files.list(ROOT.resolve("deploy/src/main/resources/io/e2relay/deploy/help"))) {
      for (Path text : texts.toList()) {
        Files.copy(text, help.resolve(text.getFileName().toString()));
      }
    }
    // The machine's own JDKs are none of the test's business.
    Files.writeString(launcher(),
        Files.readString(ROOT.resolve("deploy/e2relay")).replace("/usr/lib/jvm/*", "'" + folder + "'/jvm/*"));
    Files.setPosixFilePermissions(launcher(), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void linkTool(String tool) throws IOException {
    for (String place : List.of("/usr/bin/", "/bin/")) {
      if (Files.exists(Path.of(place + tool))) {
        script(bin.resolve(tool), "exec " + place + tool + " \"$@\"");
        return;
      }
    }
  }

  private static void script(Path file, String body) throws IOException {
    Files.deleteIfExists(file);
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
