// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Limits;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.KeyLogLeaf;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresAccountsIT implements AccountsContract, AccountDevicesContract {
  private final Vertx vertx = Vertx.vertx();
  private final PostgresSessions sessions;
  private final Accounts accounts;

  PostgresAccountsIT(Postgres postgres) {
    KeySchemas.migrate(postgres);
    sessions = new PostgresSessions(vertx, postgres, new PostgresSessions.Bounds(8, 100, Duration.ofSeconds(10)));
    accounts = new PostgresAccounts(sessions);
  }

  @AfterAll
  void close() throws TimeoutException {
    sessions.close().await(10, SECONDS);
    vertx.close().await(10, SECONDS);
  }

  @Override
  public Accounts accounts() {
    return accounts;
  }

  @Override
  public void arrive(Owner owner, Owner.Keys device, boolean bot) {
    sessions.with(session -> session.run("""
        INSERT INTO keys.app_user (uid, tenant, version) VALUES ($1::bytea, $2::bytea, 1)
        ON CONFLICT (uid) DO NOTHING""", Columns.buffer(owner.uid.bytes()), Columns.buffer(TENANT.bytes())));
    accounts.arrive(owner.uid, device.id(), bot);
  }

  @Test
  void of_many_first_records_at_once_one_is_stored() throws Exception {
    Owner anne = AccountsContract.somebody();
    List<AccountRecord> tries = IntStream.range(0, 8).mapToObj(_ -> anne.genesis(Owner.Keys.make())).toList();
    List<Stored> answers = atOnce(tries, anne);
    assertEquals(1, answers.stream().filter(Stored.Now.class::isInstance).count(), answers::toString);
    assertEquals(7, answers.stream().filter(new Stored.Refused(ErrorCode.ACCOUNT_MOVED)::equals).count(),
        answers::toString);
  }

  @Test
  void of_many_next_records_at_once_one_is_stored() throws Exception {
    Owner anne = AccountsContract.somebody();
    AccountRecord first = anne.genesis(Owner.Keys.make());
    accounts.put(anne.put(first), NOW);
    List<AccountRecord> tries = IntStream.range(0, 8).mapToObj(_ -> anne.add(first, Owner.Keys.make())).toList();
    List<Stored> answers = atOnce(tries, anne);
    assertEquals(1, answers.stream().filter(Stored.Now.class::isInstance).count(), answers::toString);
    assertEquals(7, answers.stream().filter(new Stored.Refused(ErrorCode.ACCOUNT_MOVED)::equals).count(),
        answers::toString);
    assertEquals(2, accounts.chains(TENANT, Map.of(anne.uid, 0L)).chains().getFirst().records().size());
  }

  @Test
  void every_record_goes_to_the_key_log_and_those_that_turn_a_key_to_the_jobs() {
    Owner anne = AccountsContract.somebody();
    Owner.Keys phone = Owner.Keys.make();
    AccountRecord first = anne.genesis(phone);
    AccountRecord second = anne.add(first, Owner.Keys.make());
    AccountRecord third = anne.turn(second);
    AccountRecord fourth = anne.revoke(third, phone.id());
    List<AccountRecord> records = List.of(first, second, third, fourth);
    for (AccountRecord record : records) {
      accounts.put(anne.put(record), NOW);
      // Neither a repetition nor a record that is refused leaves a trace.
      accounts.put(anne.put(record), NOW);
      assertEquals(new Stored.Refused(ErrorCode.ACCOUNT_MOVED), accounts.put(anne.put(anne.genesis(phone)), NOW));
    }
    assertEquals(
        records.stream().map(record -> KeyLogLeaf.of(TENANT, anne.uid, record.statement().seq(), record.hash()))
            .toList(),
        rows("SELECT leaf FROM keys.key_log_queue WHERE uid = $1::bytea ORDER BY seq", anne,
            row -> requireNonNull(Columns.bytes(row, "leaf"))));
    assertEquals(List.of("3 2", "4 3"),
        rows("SELECT seq, aek_gen FROM keys.turn_job WHERE uid = $1::bytea ORDER BY seq", anne,
            row -> row.getLong("seq") + " " + row.getLong("aek_gen")));
  }

  @Test
  void an_answer_has_as_many_records_as_fit_a_frame_and_the_rest_comes_when_asked_for() throws Exception {
    ByteString record = Owner.random(AccountRecord.BYTES_MAX);
    Map<Uid, Long> asked = new HashMap<>();
    for (int i = 0; i < 120; i++) {
      Uid uid = new Uid(Owner.random(Uid.BYTES));
      asked.put(uid, 0L);
      sessions.with(session -> session.run("""
          WITH a AS (INSERT INTO keys.account (uid, tenant, seq, hash, aek_gen)
            VALUES ($1::bytea, $2::bytea, 1, $4::bytea, 1))
          INSERT INTO keys.account_record (uid, seq, kind, record, stored_ms)
          VALUES ($1::bytea, 1, 1, $3::bytea, 1)""", Columns.buffer(uid.bytes()), Columns.buffer(TENANT.bytes()),
          Columns.buffer(record), Columns.buffer(Owner.random(32))));
    }
    List<Integer> pages = new ArrayList<>();
    boolean more = true;
    while (more) {
      Accounts.Chains page = accounts.chains(TENANT, asked);
      pages.add(page.chains().size());
      page.chains().forEach(chain -> assertEquals(List.of(record), chain.records()));
      page.chains().forEach(chain -> asked.remove(chain.uid()));
      more = page.more();
    }
    assertEquals(Map.of(), asked);
    assertEquals(List.of(87, 33), pages);
    // Were it the largest answer that there can be, its text would still fit.
    assertTrue((350_000L * 4 / 3) + Limits.ACCOUNTS_PER_REQUEST_MAX * 80 + 1_000 * 7 < Limits.FRAME_BYTES_MAX);
  }

  private <T> List<T> rows(String sql, Owner owner, Function<Row, T> read) {
    return sessions.with(session -> {
      List<T> all = new ArrayList<>();
      session.run(sql, Columns.buffer(owner.uid.bytes())).forEach(row -> all.add(read.apply(row)));
      return all;
    });
  }

  private List<Stored> atOnce(List<AccountRecord> records, Owner owner) throws Exception {
    List<Thread> threads = new ArrayList<>();
    List<Stored> answers = Collections.synchronizedList(new ArrayList<>());
    for (AccountRecord record : records) {
      Put put = owner.put(record);
      threads.add(Thread.ofVirtual().start(() -> answers.add(accounts.put(put, NOW))));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(records.size(), answers.size());
    return answers;
  }
}
