// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.security.auth.module.UnixSystem;
import io.e2relay.deploy.folder.DataFolder.FolderException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderIT {
  @TempDir
  Path folder;

  @Test
  void it_is_made_with_its_parents_for_its_owner_only() throws Exception {
    try (DataFolder data = DataFolder.hold(folder.resolve("a b/c"))) {
      assertEquals("rwx------", mode(data.path()));
      assertEquals("rwx------", mode(data.inside("postgres")));
      assertEquals(data.inside("postgres"), data.inside("postgres"));
    }
  }

  @Test
  void one_that_was_open_to_others_is_closed_to_them() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (DataFolder data = DataFolder.hold(folder)) {
      assertEquals("rwx------", mode(data.path()));
    }
  }

  @Test
  void one_of_another_user_is_refused() throws Exception {
    assumeTrue(new UnixSystem().getUid() == 0, "only root can give a folder to another user");
    Path foreign = Files.createDirectory(folder.resolve("foreign"));
    Files.setAttribute(foreign, "unix:uid", 65_534);
    assertTrue(refusal(foreign).contains("belongs to another user"));
    Files.setAttribute(foreign, "unix:uid", 0);
    DataFolder.hold(foreign).close();
  }

  @Test
  void a_file_in_its_place_is_refused() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertTrue(refusal(file).contains("cannot be used"));
  }

  @Test
  void too_little_space_and_a_full_disk_are_told() throws Exception {
    DataFolder.requireSpace(folder, DataFolder.FREE_BYTES_MIN);
    FolderException little = assertThrows(FolderException.class,
        () -> DataFolder.requireSpace(folder, DataFolder.FREE_BYTES_MIN - 1));
    assertTrue(little.getMessage().startsWith("Only 255 MiB are free where the data lies ("), little.getMessage());
    IOException full = new FileSystemException("x", null, "No space left on device");
    assertTrue(FolderException.of(folder, full).getMessage().startsWith("The disk is full where the data lies ("));
  }

  @Test
  void one_that_was_never_used_has_nothing_to_offer() {
    FolderException missing = assertThrows(FolderException.class, () -> DataFolder.existing(folder.resolve("none")));
    assertTrue(missing.getMessage().contains("start `up` with it once"));
  }

  @Test
  void by_default_it_is_where_the_desktop_standard_says() {
    assertEquals(Path.of("/home/a/.local/share/e2relay"), DataFolder.byDefault(Map.of("HOME", "/home/a")));
    assertEquals(Path.of("/data/e2relay"), DataFolder.byDefault(Map.of("HOME", "/home/a", "XDG_DATA_HOME", "/data")));
    assertEquals(Path.of("/home/a/.local/share/e2relay"),
        DataFolder.byDefault(Map.of("HOME", "/home/a", "XDG_DATA_HOME", "relative")));
  }

  private static String refusal(Path path) {
    return assertThrows(FolderException.class, () -> DataFolder.hold(path)).getMessage();
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
