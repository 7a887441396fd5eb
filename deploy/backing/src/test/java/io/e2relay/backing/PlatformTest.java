// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class PlatformTest {
  @Test
  void four_kinds_of_machines_have_servers() {
    assertEquals("postgres-linux-x86_64.txz", Platform.of("Linux", "amd64").postgresArchive());
    assertEquals("postgres-linux-arm_64.txz", Platform.of("Linux", "aarch64").postgresArchive());
    assertEquals("postgres-darwin-x86_64.txz", Platform.of("Mac OS X", "x86_64").postgresArchive());
    assertEquals("postgres-darwin-arm_64.txz", Platform.of("Mac OS X", "aarch64").postgresArchive());
  }

  @Test
  void another_kind_of_machine_is_refused() {
    assertEquals(Problem.NO_BINARIES,
        assertThrows(BackingException.class, () -> Platform.of("Linux", "riscv64")).problem());
    assertEquals(Problem.NO_BINARIES,
        assertThrows(BackingException.class, () -> Platform.of("Windows 11", "amd64")).problem());
  }
}
