// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.jspecify.annotations.Nullable;

/// The server programs, unpacked once per user and version.
final class Binaries {
  private static final String HALF = ".unpacking-";

  private final Path cache;
  private final Platform platform;

  /// Writes the unpacked files into an empty folder.
  private interface Unpacking {
    void into(Path folder) throws IOException;
  }

  Binaries(Path cache, Platform platform) {
    this.cache = cache;
    this.platform = platform;
  }

  static Path userCache() {
    String caches = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
    return (caches.startsWith("/") ? Path.of(caches) : OwnFolder.home().resolve(".cache")).resolve("e2relay");
  }

  static String version(String server) {
    Properties versions = new Properties();
    try (InputStream in = resource("versions.properties")) {
      versions.load(in);
    } catch (IOException e) {
      throw BackingException.of("Reading the versions of the servers", e);
    }
    return versions.getProperty(server);
  }

  /// The folder with bin, lib and share of PostgreSQL.
  Path postgres() {
    String archive = platform.postgresArchive();
    return unpacked("postgres-" + version("postgres"), folder -> {
      try (InputStream in = resource("/" + archive);
          var tar = new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(in)))) {
        for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
          unpack(tar, entry, folder);
        }
      }
    });
  }

  /// The program redis-server: the first that runs on this machine.
  Path redis() {
    Path folder = unpacked("redis-server-" + version("redis"), half -> {
      for (String program : platform.redisPrograms()) {
        Path file = Files.createDirectory(half.resolve(program)).resolve("redis-server");
        try (InputStream in = resource("/" + program)) {
          Files.copy(in, file);
        }
        Files.setPosixFilePermissions(file, OwnFolder.mode("rwxr-xr-x"));
      }
    });
    return platform.redisPrograms().stream().map(program -> folder.resolve(program).resolve("redis-server"))
        .filter(file -> Programs.succeeds(List.of(file.toString(), "--version"))).findFirst()
        .orElseThrow(() -> new BackingException(Problem.NO_BINARIES,
            "The embedded Redis in " + folder
                + " does not run on this machine; it may lack OpenSSL 3 (Debian and Ubuntu: libssl3). "
                + "Install that, or give the address of a running Redis."));
  }

  private Path unpacked(String name, Unpacking unpacking) {
    Path root = OwnFolder.claim(cache, "rwxr-xr-x");
    // A home folder may be shared between machines of different kinds.
    Path done = root.resolve(name + "-" + platform.name());
    try {
      if (!Files.isDirectory(done)) {
        deleteAbandoned(root);
        Path half = Files.createTempDirectory(root, HALF + ProcessHandle.current().pid() + "-");
        try {
          unpacking.into(half);
          Files.setPosixFilePermissions(half, OwnFolder.mode("rwxr-xr-x"));
          publish(half, done);
        } finally {
          OwnFolder.delete(half);
        }
      }
      requireOurs(done);
      return done;
    } catch (IOException e) {
      throw BackingException.of("Unpacking " + name + " into " + root, e);
    }
  }

  /// What a process that was killed while it unpacked has left.
  private static void deleteAbandoned(Path root) throws IOException {
    List<Path> abandoned = new ArrayList<>();
    try (var entries = Files.newDirectoryStream(root, HALF + "*-*")) {
      for (Path entry : entries) {
        String pid = entry.getFileName().toString().substring(HALF.length()).split("-")[0];
        if (pid.matches("[0-9]{1,10}") && !ProcessTable.isAlive(Long.parseLong(pid))) {
          abandoned.add(entry);
        }
      }
    }
    for (Path half : abandoned) {
      OwnFolder.delete(half);
    }
  }

  /// Whoever comes first has unpacked it for all.
  private static void publish(Path half, Path done) throws IOException {
    try {
      Files.move(half, done, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw e;
    } catch (FileSystemException e) {
      if (!Files.isDirectory(done)) {
        throw e;
      }
    }
  }

  private static void requireOurs(Path folder) throws IOException {
    OwnFolder.requireOwner(folder, OwnFolder.ourUid());
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(folder);
    if (mode.contains(PosixFilePermission.GROUP_WRITE) || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new BackingException(Problem.OTHER_OWNER,
          "Others may write into " + folder + ", from where servers would be started. Delete it and start again.");
    }
  }

  private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path folder) throws IOException {
    Path target = folder.resolve(entry.getName()).normalize();
    if (!target.startsWith(folder)) {
      throw new IOException("the archive leaves its folder: " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(target);
      return;
    }
    Files.createDirectories(OwnFolder.parent(target));
    if (entry.isSymbolicLink()) {
      if (!target.resolveSibling(entry.getLinkName()).normalize().startsWith(folder)) {
        throw new IOException("the archive leaves its folder: " + entry.getLinkName());
      }
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
      return;
    }
    Files.copy(tar, target);
    boolean program = (entry.getMode() & 0100) != 0;
    Files.setPosixFilePermissions(target, OwnFolder.mode(program ? "rwxr-xr-x" : "rw-r--r--"));
  }

  private static InputStream resource(String name) {
    @Nullable
    InputStream in = Binaries.class.getResourceAsStream(name);
    if (in == null) {
      throw new BackingException(Problem.NO_BINARIES, "The server program " + name + " is not on the class path. "
          + "Build on the kind of machine that you start on, or give the addresses of running servers.");
    }
    return in;
  }
}
