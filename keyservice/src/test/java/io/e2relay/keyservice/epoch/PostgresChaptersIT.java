// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.account.Accounts;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.account.PostgresAccounts;
import io.e2relay.keyservice.conversation.EpochHooks;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.EpochRecord;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// What does not fit one frame comes in pages that follow each other without a hole.
@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresChaptersIT {
  private static final long NOW = EpochsContract.NOW;
  private static final int PAGE_BYTES_MAX = 300_000;
  private static final int MEMBERS = 1_000;

  private final Vertx vertx = Vertx.vertx();
  private final PostgresSessions sessions;
  private final Epochs epochs;
  private final Accounts accounts;

  PostgresChaptersIT(Postgres postgres) {
    KeySchemas.migrate(postgres);
    sessions = new PostgresSessions(vertx, postgres, new PostgresSessions.Bounds(4, 100, Duration.ofSeconds(30)));
    epochs = new PostgresEpochs(sessions, MEMBERS, EpochHooks.NONE);
    accounts = new PostgresAccounts(sessions);
  }

  @AfterAll
  void close() throws TimeoutException {
    sessions.close().await(10, SECONDS);
    vertx.close().await(10, SECONDS);
  }

  @Test
  void the_records_of_a_thousand_members_come_in_pages() {
    Holder anne = Holder.in(accounts, EpochsContract.TENANT, NOW);
    Draft draft = Draft.group(anne);
    for (int i = 1; i < MEMBERS; i++) {
      draft.pending(EpochsContract.nobody());
    }
    assertInstanceOf(Founding.Founded.class, epochs.found(draft.foundation(), Owner.random(16), NOW));
    List<EpochRecord> records = new ArrayList<>(List.of(draft.record()));
    for (int i = 1; i < 12; i++) {
      draft = draft.next();
      assertInstanceOf(Opening.Opened.class, epochs.put(draft.put(), NOW));
      records.add(draft.record());
    }
    List<ByteString> read = new ArrayList<>();
    boolean more = true;
    int pages = 0;
    while (more) {
      Epochs.Chapter.Records page = assertInstanceOf(Epochs.Chapter.Records.class,
          epochs.records(draft.id(), anne.uid(), read.size()));
      assertTrue(page.records().stream().mapToInt(ByteString::size).sum() <= PAGE_BYTES_MAX);
      assertEquals(read.isEmpty(), !page.genesis().isEmpty());
      assertEquals(new Epoch(records.size()), page.current());
      read.addAll(page.records());
      more = page.more();
      pages++;
    }
    assertEquals(records.stream().map(EpochRecord::bytes).toList(), read);
    assertEquals(new Epochs.Chapter.Records(ByteString.EMPTY, List.of(), new Epoch(12), false),
        epochs.records(draft.id(), anne.uid(), 12));
    assertEquals(new Epochs.Chapter.Records(ByteString.EMPTY, List.of(), new Epoch(12), false),
        epochs.records(draft.id(), anne.uid(), -1), "unsigned on the wire");
    IO.println("shown: epoch-records members=%d records=%d record-bytes=%d pages=%d".formatted(MEMBERS, read.size(),
        read.getFirst().size(), pages));
  }

  @Test
  void the_wraps_of_many_epochs_come_in_pages() {
    Holder anne = Holder.in(accounts, EpochsContract.TENANT, NOW);
    Draft draft = Draft.group(anne);
    assertInstanceOf(Founding.Founded.class, epochs.found(draft.foundation(), Owner.random(16), NOW));
    int count = 1_300;
    sessions.with(session -> session.run("""
        INSERT INTO keys.wrap (conversation_id, epoch, uid, wrap)
        SELECT $1::bytea, e, $2::bytea, $3::bytea FROM generate_series(2, $4::int) e""",
        Columns.buffer(draft.id().bytes()), Columns.buffer(anne.uid().bytes()), Columns.buffer(Draft.wrap()), count));
    List<Long> read = new ArrayList<>();
    boolean more = true;
    int pages = 0;
    while (more) {
      Epochs.Keyring.Wraps page = assertInstanceOf(Epochs.Keyring.Wraps.class,
          epochs.wraps(draft.id(), anne.uid(), read.isEmpty() ? 0 : read.getLast()));
      page.wraps().forEach(wrap -> read.add(wrap.epoch().value()));
      more = page.more();
      pages++;
    }
    assertEquals(LongStream.rangeClosed(1, count).boxed().toList(), read);
    assertEquals(3, pages);
  }
}
