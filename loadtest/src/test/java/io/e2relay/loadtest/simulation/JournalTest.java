// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.loadtest.oracle.Judged;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the simulations write is what the oracle reads.
final class JournalTest {
  private static final ByteString HERE = ByteString.copyFrom(new byte[32]);
  private static final ByteString MESSAGE = ByteString.copyFrom(new byte[16]);

  @TempDir
  private Path folder;

  @Test
  void the_oracle_judges_what_the_simulations_wrote_down() {
    Path file = folder.resolve("in a folder").resolve("journal.jsonl");
    try (Journal journal = Journal.in(file)) {
      journal.expects("bob", HERE);
      journal.expects("carol", HERE);
      journal.attempted(MESSAGE, HERE, 1_000);
      journal.acknowledged(MESSAGE, 7);
      journal.received("bob", HERE, 7, MESSAGE, 1_012);
    }
    Judged judged = Judged.of("--json", file.toString());
    assertEquals(1, judged.code());
    assertTrue(judged.out().startsWith("{\"attempted\":1,\"acknowledged\":1,\"delivered\":1,\"lost\":1,"),
        judged.out());
    assertTrue(judged.out().contains("\"latency_p50_ms\":12,"), judged.out());
  }
}
