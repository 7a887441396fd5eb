// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.StateKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A vault whose process is killed, again and again: what was written is there, what was not is not, and nothing else.
final class VaultKillIT {
  private static final int ROUNDS = Integer.getInteger("e2relay.vault.kills", 25);
  private static final long SEED = Long.getLong("e2relay.seed", 20261121L);

  @TempDir
  private Path folder = Path.of("");
  private final TreeMap<String, ByteString> expected = new TreeMap<>();
  private int between;

  @Test
  void whenever_the_process_is_killed_the_state_is_the_old_or_the_new_one_and_no_sequence_comes_twice()
      throws Exception {
    Random random = new Random(SEED);
    Path file = folder.resolve("state");
    StateKey key = VaultChild.keys(folder.resolve("keys.p12"));
    int written = 0;
    int killed = 0;
    for (int round = 0; round < ROUNDS; round++) {
      int said = killed(file, written, random);
      killed += said < written + VaultChild.WRITES - 1 ? 1 : 0;
      try (Vault vault = VaultChild.opened(file, key)) {
        written = check(vault, written, said);
      }
    }
    assertTrue(killed >= ROUNDS / 2, "most rounds end in the middle");
    System.out.println("shown: vault-kill rounds=" + ROUNDS + " killed=" + killed + " writes=" + written
        + " finished_unsaid=" + between + " mixed=0 repeated_sequences=0 seed=" + SEED);
  }

  /// Lets a process write and kills it; the answer is the last write that it said was done.
  private int killed(Path file, int from, Random random) throws IOException, InterruptedException {
    Process process = VaultChild.start(
        List.of(file.toString(), folder.resolve("keys.p12").toString(), Long.toString(SEED), Integer.toString(from)));
    int after = from + random.nextInt(VaultChild.WRITES);
    int said = from - 1;
    boolean alive = true;
    try (BufferedReader lines = new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (line != null) {
        said = Integer.parseInt(line);
        if (said == after && alive) {
          // Somewhere in the writes that follow.
          LockSupport.parkNanos(random.nextInt(3_000_000));
          // Not through the process itself, which would forget what was said before.
          process.toHandle().destroyForcibly();
          alive = false;
        }
        line = lines.readLine();
      }
    }
    process.waitFor();
    assertTrue(said >= after || !alive, "it wrote until it was killed");
    return said;
  }

  /// The state after all writes that were said, and perhaps one more; the answer is how many that are.
  private int check(Vault vault, int from, int said) {
    for (int i = from; i <= said; i++) {
      VaultFrame.apply(VaultChild.change(SEED, i), expected);
    }
    TreeMap<String, ByteString> found = new TreeMap<>();
    vault.keys("").forEach(key -> found.put(key, vault.get(key).orElseThrow()));
    int written = said + 1;
    if (!found.equals(expected)) {
      VaultFrame.apply(VaultChild.change(SEED, written), expected);
      written++;
      between++;
    }
    assertEquals(expected, found);
    for (int i = Math.max(0, said - VaultChild.SEQUENCES + 1); i <= said; i++) {
      long kept = Long
          .parseLong(found.getOrDefault("sequence/" + i % VaultChild.SEQUENCES, ByteString.EMPTY).toStringUtf8());
      assertTrue(kept >= i, "a sequence that was handed out is kept as such");
    }
    return written;
  }
}
