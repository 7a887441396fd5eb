// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.self;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.self.SelfBlobs.Stored;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.SelfBlob;
import io.e2relay.protocol.record.SelfKind;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresSelfBlobsIT implements SelfBlobsContract {
  private final Vertx vertx = Vertx.vertx();
  private final PostgresSessions sessions;
  private final SelfBlobs blobs;

  PostgresSelfBlobsIT(Postgres postgres) {
    KeySchemas.migrate(postgres);
    sessions = new PostgresSessions(vertx, postgres, new PostgresSessions.Bounds(8, 100, Duration.ofSeconds(10)));
    blobs = new PostgresSelfBlobs(sessions);
  }

  @AfterAll
  void close() throws TimeoutException {
    sessions.close().await(10, SECONDS);
    vertx.close().await(10, SECONDS);
  }

  @Override
  public SelfBlobs blobs() {
    return blobs;
  }

  @Test
  void of_many_at_once_the_highest_stays() throws Exception {
    Uid uid = new Uid(SelfBlobsContract.random(Uid.BYTES));
    List<SelfBlob> all = IntStream.rangeClosed(1, 40).mapToObj(n -> SelfBlobsContract.blob(SelfKind.HEADS, n)).toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Stored>> puts = all.stream().map(blob -> (Callable<Stored>) () -> blobs.put(uid, blob)).toList();
      assertEquals(Stored.DONE, threads.invokeAll(puts).getLast().get());
    }
    assertEquals(List.of(all.getLast().bytes()), blobs.get(uid, Set.of(), LARGE).blobs());
  }
}
