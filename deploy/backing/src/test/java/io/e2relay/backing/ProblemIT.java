// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.protocol.config.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// Every reason not to start has its own name and a message that says what was found; without it the start succeeds.
final class ProblemIT {
  private static final boolean ROOT = OwnFolder.ourUid() == 0;
  private static final int STRANGER = 54_321;

  @Test
  void data_of_another_major_version_is_refused() throws IOException {
    try (TestFolder folder = TestFolder.create()) {
      start(folder);
      Path version = folder.path().resolve("postgres").resolve("data").resolve("PG_VERSION");
      String ours = Files.readString(version);
      Files.writeString(version, "17\n");
      refused(Problem.OTHER_VERSION, "written by PostgreSQL 17", () -> start(folder));
      Files.writeString(version, ours);
      start(folder);
    }
  }

  @Test
  void a_folder_of_another_user_is_refused() throws IOException {
    try (TestFolder folder = TestFolder.create()) {
      start(folder);
      if (ROOT) {
        for (Path theirs : List.of(folder.path().resolve("postgres"), folder.path().resolve("postgres/data"))) {
          Files.setAttribute(theirs, "unix:uid", STRANGER);
          refused(Problem.OTHER_OWNER, "belongs to another user (uid " + STRANGER, () -> start(folder));
          Files.setAttribute(theirs, "unix:uid", 0);
        }
      } else {
        refused(Problem.OTHER_OWNER, "belongs to another user (uid 0",
            () -> EmbeddedPostgres.start(Path.of("/usr")).close());
      }
      start(folder);
    }
  }

  @Test
  void binaries_that_others_may_change_are_not_started() throws IOException {
    try (TestFolder folder = TestFolder.create()) {
      Path cache = folder.path().resolve("cache");
      Path programs = new Binaries(cache, Platform.here()).postgres();
      Files.setPosixFilePermissions(programs, OwnFolder.mode("rwxrwxrwx"));
      refused(Problem.OTHER_OWNER, "Others may write into", () -> new Binaries(cache, Platform.here()).postgres());
      Files.setPosixFilePermissions(programs, OwnFolder.mode("rwxr-xr-x"));
      assertEquals(programs, new Binaries(cache, Platform.here()).postgres());
    }
  }

  @Test
  void a_wanted_port_that_is_taken_is_refused_and_a_remembered_one_is_left() throws IOException {
    try (TestFolder folder = TestFolder.create()) {
      Path redis = folder.path().resolve("redis");
      int port;
      try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder.path().resolve("postgres"))) {
        port = postgres.address().port();
      }
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        refused(Problem.PORT_IN_USE, "Port " + port,
            () -> EmbeddedPostgres.start(folder.path().resolve("postgres"), port).close());
        refused(Problem.PORT_IN_USE, "Port " + port,
            () -> EmbeddedRedis.start(redis, port, new Secret("word")).close());
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder.path().resolve("postgres"))) {
          assertNotEquals(port, postgres.address().port());
        }
      }
      try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder.path().resolve("postgres"), port)) {
        assertEquals(port, postgres.address().port());
      }
      try (EmbeddedRedis server = EmbeddedRedis.start(redis, port, new Secret("word"))) {
        assertEquals(port, server.address().port());
      }
    }
  }

  @Test
  void root_without_a_way_to_step_down_is_refused() {
    refused(Problem.CANNOT_RUN_AS_ROOT, "Start as another user", () -> StepDown.choose(0, null, null));
    assertEquals(1000, StepDown.choose(1000, null, null).uid());
  }

  @Test
  void a_full_disk_is_told_when_binaries_are_unpacked_and_when_data_is_created() throws IOException {
    // The binaries need about 50 MB and fresh data about 40.
    String noBinaries = onDisk("10m", "cache-on-small-disk");
    assertTrue(noBinaries.startsWith("DISK_FULL The disk is full: Unpacking postgres"), noBinaries);
    String noData = onDisk("20m", "data-on-small-disk");
    assertTrue(noData.startsWith("DISK_FULL The disk is full: PostgreSQL cannot create its data"), noData);
    assertEquals("started on", onDisk("600m", "data-on-small-disk"));
    assertEquals("started on", onDisk("600m", "cache-on-small-disk"));
  }

  /// What comes of a start in a mount namespace where a folder is a disk of that size.
  private static String onDisk(String size, String which) throws IOException {
    try (TestFolder folder = TestFolder.create()) {
      Path disk = Files.createDirectory(folder.path().resolve("disk"));
      boolean data = which.equals("data-on-small-disk");
      Path cache = data ? Binaries.userCache() : disk.resolve("cache");
      Path servers = data ? disk : folder.path();
      if (data) {
        new Binaries(cache, Platform.here()).postgres();
      }
      List<String> mounted = List.of("unshare", "-Urm", "/bin/sh", "-c",
          "mount -t tmpfs -o size=" + size + ",mode=700 tmpfs \"$0\" && exec \"$@\"", disk.toString());
      Path answer = folder.path().resolve("answer");
      try (ChildJvm child = ChildJvm.start(mounted, folder.path(), System.getProperty("java.class.path"), answer,
          "attempt", servers.toString(), cache.toString())) {
        return child.answer();
      }
    }
  }

  private static void start(TestFolder folder) {
    EmbeddedPostgres.start(folder.path().resolve("postgres")).close();
  }

  private static void refused(Problem problem, String words, Executable start) {
    BackingException refusal = assertThrows(BackingException.class, start);
    assertEquals(problem, refusal.problem(), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(words), refusal.getMessage());
  }
}
