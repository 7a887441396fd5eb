// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The servers work as root, in both ways to step down, and without any rights.
final class LifecycleIT {
  private static final boolean ROOT = OwnFolder.ourUid() == 0;
  private static final Path OPEN = Path.of("/var/tmp");

  @Test
  void servers_keep_their_promises_as_this_user() throws IOException {
    checkAsThisUser();
  }

  /// Where the tests run without rights the test above has shown it already, and nobody could become somebody else.
  @Test
  void servers_keep_their_promises_without_rights() throws IOException {
    if (!ROOT) {
      checkAsThisUser();
      return;
    }
    try (TestFolder folder = TestFolder.create(OPEN)) {
      // Class path and home of ours may be closed to others.
      String classPath = copyClassPath(folder.path());
      OwnFolder.giveTo(folder.path(), StepDown.NOBODY);
      List<String> asNobody = List.of("setpriv", "--reuid=" + StepDown.NOBODY, "--regid=" + StepDown.NOBODY,
          "--clear-groups");
      try (ChildJvm child = ChildJvm.start(asNobody, folder.path(), classPath, folder.path().resolve("answer"),
          "lifecycle", folder.path().toString())) {
        assertEquals("done", child.answer());
        assertEquals(0, child.awaitExit());
      }
    }
  }

  @Test
  void root_can_step_down_without_user_namespaces() throws IOException {
    StepDown stepDown = StepDown.choose(OwnFolder.ourUid(), null, Programs.find("setpriv"));
    assertEquals(ROOT, stepDown.foreign());
    try (TestFolder folder = TestFolder.create(OPEN)) {
      Files.setPosixFilePermissions(folder.path(), OwnFolder.mode("rwx--x--x"));
      Path data = folder.path().resolve("data");
      // The parents that our folder needs are made for it, and must be open to whom we step down to.
      Files.createDirectories(data);
      Lifecycle.check(data, stepDown, folder.path().resolve("cache"));
    }
  }

  private static void checkAsThisUser() throws IOException {
    try (TestFolder folder = TestFolder.create()) {
      Lifecycle.check(folder.path(), StepDown.choose(), Binaries.userCache());
    }
  }

  private static String copyClassPath(Path folder) throws IOException {
    List<String> copies = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path original = Path.of(entry);
      if (!Files.exists(original)) {
        continue;
      }
      Path copy = folder.resolve("class-path-" + copies.size() + "-" + original.getFileName());
      try (var all = Files.walk(original)) {
        for (Path path : (Iterable<Path>) all::iterator) {
          Files.copy(path, copy.resolve(original.relativize(path).toString()).normalize());
        }
      }
      copies.add(copy.toString());
    }
    return String.join(File.pathSeparator, copies);
  }
}
