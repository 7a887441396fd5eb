// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

final class BinariesIT {
  private static final String FOR_ANOTHER_SYSTEM = "redis-server-5.0.14.1-windows-amd64.exe";

  @Test
  void two_who_unpack_at_once_have_the_same_programs_and_leave_nothing_else() throws Exception {
    try (TestFolder folder = TestFolder.create(); var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Path> unpack = () -> new Binaries(folder.path(), Platform.here()).postgres();
      var first = threads.submit(unpack);
      var second = threads.submit(unpack);
      assertEquals(first.get(), second.get());
      assertTrue(Files.isExecutable(first.get().resolve("bin").resolve("postgres")));
      assertEquals(List.of(first.get()), entries(folder.path()));
    }
  }

  @Test
  void what_a_killed_process_has_half_unpacked_is_deleted_and_what_a_living_one_has_is_kept() throws Exception {
    try (TestFolder folder = TestFolder.create()) {
      Process dead = new ProcessBuilder("true").start();
      dead.waitFor();
      Path abandoned = Files.createDirectory(folder.path().resolve(".unpacking-" + dead.pid() + "-1"));
      Path alive = Files.createDirectory(folder.path().resolve(".unpacking-" + ProcessHandle.current().pid() + "-1"));
      new Binaries(folder.path(), Platform.here()).redis();
      assertTrue(Files.notExists(abandoned));
      assertTrue(Files.exists(alive));
    }
  }

  @Test
  void the_first_redis_that_runs_here_is_taken() throws IOException {
    Platform here = Platform.here();
    try (TestFolder folder = TestFolder.create(); TestFolder other = TestFolder.create()) {
      Platform second = new Platform(here.name(), here.postgresArchive(),
          List.of(FOR_ANOTHER_SYSTEM, here.redisPrograms().getFirst()));
      assertTrue(new Binaries(folder.path(), second).redis().toString().contains(here.redisPrograms().getFirst()));
      Platform none = new Platform(here.name(), here.postgresArchive(), List.of(FOR_ANOTHER_SYSTEM));
      assertEquals(Problem.NO_BINARIES,
          assertThrows(BackingException.class, () -> new Binaries(other.path(), none).redis()).problem());
    }
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (var all = Files.list(folder)) {
      return all.toList();
    }
  }
}
