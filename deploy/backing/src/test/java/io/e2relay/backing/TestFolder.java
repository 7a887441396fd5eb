// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A folder for the data of test servers: on a real disk, deleted at the end, and not in the way of another run.
record TestFolder(Path path) implements AutoCloseable {
  private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs", "devtmpfs");

  static TestFolder create() {
    try {
      return create(base());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static TestFolder create(Path base) {
    try {
      sweep(base);
      return new TestFolder(
          Files.createTempDirectory(base, "backing-" + ProcessHandle.current().pid() + "-").toRealPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static boolean inMemory(Path folder) throws IOException {
    return IN_MEMORY.contains(Files.getFileStore(folder).type());
  }

  @Override
  public void close() throws IOException {
    OwnFolder.delete(path);
  }

  /// What is to prove durability must not lie in memory.
  static Path base() throws IOException {
    List<Path> candidates = List.of(Path.of("target").toAbsolutePath(), Path.of("/var/tmp"),
        Path.of(System.getProperty("user.home")));
    for (Path candidate : candidates) {
      if (Files.isDirectory(candidate) && Files.isWritable(candidate) && !inMemory(candidate)) {
        return candidate;
      }
    }
    throw new IOException("none of these is a writable folder on a real disk: " + candidates);
  }

  /// Ends and deletes what test runs that were killed have left.
  private static void sweep(Path base) throws IOException {
    List<Path> left = new ArrayList<>();
    try (var found = Files.newDirectoryStream(base, "backing-*-*")) {
      for (Path folder : found) {
        String[] words = folder.getFileName().toString().split("-");
        boolean dead = words[1].matches("[0-9]{1,10}") && !ProcessTable.isAlive(Long.parseLong(words[1]));
        if (dead && OwnFolder.owner(folder) == OwnFolder.ourUid()) {
          left.add(folder);
        }
      }
    }
    for (Path folder : left) {
      end(folder);
    }
  }

  private static void end(Path folder) throws IOException {
    try {
      if (Files.isDirectory(folder.resolve("postgres"))) {
        EmbeddedPostgres.stopOrphan(folder.resolve("postgres"));
      }
      if (Files.isDirectory(folder.resolve("redis"))) {
        EmbeddedRedis.stopOrphan(folder.resolve("redis"));
      }
      OwnFolder.delete(folder);
    } catch (BackingException e) {
      // Another run is at it at this moment.
      if (e.problem() != Problem.IN_USE) {
        throw e;
      }
    }
  }
}
