// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.record.AccountRecord;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresAccountsIT implements AccountsContract {
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
