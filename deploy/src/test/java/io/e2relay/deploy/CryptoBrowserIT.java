// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The cryptography of the TypeScript client, in a dedicated worker of a real Chromium; it needs no service.
final class CryptoBrowserIT {
  private static final Path PROGRAM = Path.of("..", "client", "web", "browser-test").toAbsolutePath().normalize();
  private static final List<String> SHOWN = List.of("literals checked=23", "wycheproof-ecdh checked=353",
      "wycheproof-ecdsa checked=262", "wycheproof-aes checked=316", "wycheproof-hkdf checked=86",
      "wycheproof-hmac checked=174", "wycheproof-pbkdf2 checked=60", "hpke checked=1005", "tink checked=10",
      "fileAttacks checked=70", "file bytes=26214400 checked=8", "key-store kind=indexeddb filled=5 checked=24");

  @Test
  void a_worker_agrees_with_every_vector_and_keeps_keys_that_nobody_can_export() throws Exception {
    Process process = new ProcessBuilder("node", "worker.mjs").directory(PROGRAM.toFile()).redirectErrorStream(true)
        .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null"))).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(),
        output + "\nThe browser is E2RELAY_CHROMIUM, else chromium on the PATH, else one that npm installed.");
    List<String> lines = output.lines().toList();
    for (String facts : SHOWN) {
      String wanted = "shown: " + facts + " failures=0 ";
      assertTrue(lines.stream().anyMatch(line -> line.startsWith(wanted)), wanted + "is missing in:\n" + output);
    }
    assertTrue(
        lines.stream().anyMatch(line -> line.startsWith("shown: vectors positive=") && line.contains(" failures=0 ")),
        "the published vectors are missing in:\n" + output);
    lines.stream().filter(line -> line.startsWith("shown: ")).forEach(IO::println);
    IO.println("shown: crypto-browser " + lines.getLast());
  }
}
