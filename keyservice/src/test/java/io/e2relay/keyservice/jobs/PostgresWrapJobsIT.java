// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.jobs;

import static io.e2relay.protocol.wire.WrapJobKind.WRAP_JOB_KIND_ACTIVATE;
import static io.e2relay.protocol.wire.WrapJobKind.WRAP_JOB_KIND_ROTATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.account.Stored;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.HistoryPolicy;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresWrapJobsIT {
  private static final Duration LEASE = Duration.ofMillis(WrapJobRules.LEASE_MS);

  private final Keeper keeper;
  // Others for each test, so that nobody has jobs of another one.
  private Person alice = new Person();
  private Person bob = new Person();

  PostgresWrapJobsIT(Postgres postgres) {
    keeper = new Keeper(postgres);
  }

  @AfterAll
  void close() throws TimeoutException {
    keeper.close();
  }

  @BeforeEach
  void two_who_hold_keys_and_nothing_due() {
    alice = new Person();
    bob = new Person();
    keeper.register(alice, bob);
    keeper.jobs.due(10_000);
  }

  @Test
  void who_waits_and_gets_an_account_is_a_job_from_then_on() {
    Person carol = new Person();
    Room room = room().waiting(carol);
    keeper.found(room, alice);
    assertEquals(0, keeper.rows(room.id()));
    assertFalse(offered(room));
    keeper.register(carol);
    assertTrue(offered(room));
    assertEquals(List.of(activate(room, 1, carol)), keeper.take(alice));
  }

  @Test
  void who_has_an_account_that_the_adder_does_not_know_is_a_job_at_once() {
    Person carol = new Person();
    keeper.register(carol);
    Room room = keeper.found(room().waiting(carol), alice);
    assertTrue(offered(room));
    assertEquals(List.of(activate(room, 1, carol)), keeper.take(alice));
    Person dave = new Person();
    keeper.register(dave);
    keeper.next(room.waiting(dave), alice, EpochReason.ADDED);
    keeper.pass(room.id(), LEASE);
    assertEquals(List.of(activate(room, 2, carol, dave)), keeper.take(bob));
  }

  @Test
  void who_is_activated_is_no_job_any_more_and_their_waiting_is_told() {
    Person carol = new Person();
    Room room = keeper.found(room().waiting(carol), alice);
    keeper.register(carol);
    keeper.pass(room.id(), Duration.ofSeconds(3));
    keeper.waited.clear();
    keeper.next(room.with(carol), bob, EpochReason.ACTIVATED);
    assertEquals(0, keeper.rows(room.id()));
    assertEquals(1, keeper.waited.size());
    assertEquals(List.of(), keeper.take(alice));
  }

  @Test
  void whoever_is_still_waiting_is_offered_again_when_the_holder_is_done() {
    Person carol = new Person();
    Person dave = new Person();
    Room room = keeper.found(room().waiting(carol, dave), alice);
    keeper.register(carol);
    assertEquals(List.of(activate(room, 1, carol)), keeper.take(alice));
    keeper.register(dave);
    keeper.jobs.due(100);
    assertEquals(List.of(), keeper.take(bob), "one at a time");
    keeper.next(room.with(carol), alice, EpochReason.ACTIVATED);
    assertTrue(offered(room));
    assertEquals(List.of(activate(room, 2, dave)), keeper.take(bob));
  }

  @Test
  void a_job_is_one_holder_s_until_the_lease_is_over() {
    Room room = ready();
    List<WrapJob> taken = keeper.take(alice);
    assertEquals(1, taken.size());
    assertEquals(List.of(), keeper.take(bob));
    assertEquals(List.of(), keeper.jobs.take(new Holder(alice.uid(), bob.deviceId()), 16),
        "another device is another holder");
    keeper.pass(room.id(), LEASE.minusSeconds(1));
    assertEquals(taken, keeper.take(alice), "who has it may ask again");
    assertFalse(offered(room));
    keeper.pass(room.id(), Duration.ofSeconds(1));
    assertTrue(offered(room));
    assertEquals(taken, keeper.take(bob), "to ask again made the lease no longer");
    assertEquals(List.of(), keeper.take(alice));
  }

  @Test
  void the_lease_is_advice_and_no_condition() {
    Person carol = new Person();
    Room room = keeper.found(room().waiting(carol), alice);
    keeper.register(carol);
    assertEquals(1, keeper.take(alice).size());
    keeper.next(room.with(carol), bob, EpochReason.ACTIVATED);
    assertEquals(List.of(), keeper.take(alice));
  }

  @Test
  void of_many_who_ask_at_once_one_gets_the_job() throws Exception {
    List<Person> holders = Stream.generate(Person::new).limit(10).toList();
    keeper.register(holders.toArray(Person[]::new));
    Person carol = new Person();
    keeper.found(room().with(holders.toArray(Person[]::new)).waiting(carol), alice);
    keeper.register(carol);
    List<Callable<List<WrapJob>>> asks = holders.stream()
        .<Callable<List<WrapJob>>>map(holder -> () -> keeper.take(holder)).toList();
    List<List<WrapJob>> answers = Keeper.atOnce(asks);
    assertEquals(1, answers.stream().filter(jobs -> !jobs.isEmpty()).count(), answers::toString);
    IO.println("shown: one-holder holders=" + holders.size() + " jobs=1");
  }

  @Test
  void many_who_get_accounts_at_once_are_one_job_of_their_conversation() throws Exception {
    List<Person> crowd = Stream.generate(Person::new).limit(998).toList();
    Room room = keeper.found(room().waiting(crowd.toArray(Person[]::new)), alice);
    List<Callable<Stored>> puts = crowd.stream()
        .<Callable<Stored>>map(person -> () -> keeper.accounts.put(person.put(), person.owner.now())).toList();
    Keeper.atOnce(puts).forEach(stored -> assertInstanceOf(Stored.Now.class, stored));
    assertTrue(offered(room));
    assertFalse(offered(room), "one offer for all of them");
    List<WrapJob> jobs = keeper.take(bob);
    assertEquals(List.of(activate(room, 1, crowd.toArray(Person[]::new))), jobs);
    assertEquals(List.of(), keeper.take(alice));
    keeper.waited.clear();
    keeper.next(room.with(crowd.toArray(Person[]::new)), bob, EpochReason.ACTIVATED);
    assertEquals(crowd.size(), keeper.waited.size());
    assertEquals(0, keeper.rows(room.id()));
    IO.println("shown: crowd pending=" + crowd.size() + " jobs=" + jobs.size() + " offers=1");
  }

  @Test
  void an_account_that_comes_while_its_user_is_added_is_not_missed() throws Exception {
    Room room = keeper.found(room(), alice);
    int rounds = 25;
    for (int round = 0; round < rounds; round++) {
      Person carol = new Person();
      EpochRecord record = room.waiting(carol).sign(alice, EpochReason.ADDED);
      Keeper.atOnce(List.<Callable<Object>>of(() -> keeper.put(room, alice, record),
          () -> keeper.accounts.put(carol.put(), carol.owner.now())));
      room.taken(record);
      keeper.pass(room.id(), LEASE);
      assertTrue(keeper.take(bob).getFirst().uids().contains(carol.uid()), "round " + round);
    }
    IO.println("shown: account-while-added rounds=" + rounds);
  }

  @Test
  void who_is_not_active_in_a_conversation_gets_no_job_of_it() {
    Person carol = new Person();
    Person stranger = new Person();
    Person removed = new Person();
    keeper.register(stranger, removed);
    Room room = keeper.found(room().with(removed).waiting(carol), alice);
    keeper.register(carol);
    keeper.remove(room, alice, removed);
    for (Person nobody : List.of(stranger, removed, carol)) {
      assertEquals(List.of(), keeper.take(nobody));
    }
    assertEquals(Set.of(WRAP_JOB_KIND_ACTIVATE, WRAP_JOB_KIND_ROTATE),
        Set.copyOf(keeper.take(bob).stream().map(WrapJob::kind).toList()));
  }

  @Test
  void a_closed_epoch_is_a_job_of_the_first_who_asks_until_the_next_is_open() {
    Person carol = new Person();
    keeper.register(carol);
    Room room = keeper.found(room().with(carol), alice);
    assertEquals(List.of(), keeper.take(bob));
    keeper.remove(room, alice, carol);
    assertEquals(List.of(new WrapJob(room.id(), WRAP_JOB_KIND_ROTATE, new Epoch(1), List.of())), keeper.take(bob));
    assertEquals(List.of(), keeper.take(alice));
    keeper.pass(room.id(), LEASE);
    assertTrue(offered(room));
    assertEquals(1, keeper.take(alice).size());
    keeper.next(room, bob, EpochReason.REMOVED);
    assertEquals(0, keeper.rows(room.id()));
    assertEquals(List.of(), keeper.take(alice));
  }

  @Test
  void who_is_removed_waits_no_longer_and_lets_go_of_what_they_took() {
    Person carol = new Person();
    Person dave = new Person();
    keeper.register(dave);
    Room room = keeper.found(room().with(dave).waiting(carol), alice);
    keeper.register(carol);
    assertEquals(1, keeper.take(dave).size());
    keeper.remove(room, alice, dave);
    assertTrue(offered(room));
    assertFalse(keeper.take(bob).isEmpty());
    keeper.remove(room, alice, carol);
    assertEquals(List.of(WRAP_JOB_KIND_ROTATE), keeper.take(bob).stream().map(WrapJob::kind).toList());
  }

  @Test
  void a_removal_while_the_removed_gets_an_account_leaves_no_job() throws Exception {
    for (int round = 0; round < 20; round++) {
      Person carol = new Person();
      Room room = keeper.found(room().waiting(carol), alice);
      Keeper.atOnce(List.<Callable<Object>>of(() -> {
        keeper.remove(room, alice, carol);
        return true;
      }, () -> keeper.accounts.put(carol.put(), carol.owner.now())));
      assertEquals(0, keeper.rows(room.id()), "round " + round);
    }
  }

  @Test
  void a_job_that_nobody_takes_is_offered_less_and_less_often() {
    Room room = ready();
    for (long wait : new long[]{20, 40, 80, 160, 300, 300}) {
      keeper.pass(room.id(), Duration.ofSeconds(wait - 2));
      assertFalse(offered(room), "after " + wait);
      keeper.pass(room.id(), Duration.ofSeconds(2));
      assertTrue(offered(room), "after " + wait);
    }
  }

  @Test
  void of_many_services_that_offer_at_once_one_offers_a_job() throws Exception {
    Person carol = new Person();
    Room room = keeper.found(room().waiting(carol), alice);
    keeper.register(carol);
    List<Callable<Set<ConversationId>>> offers = Stream
        .<Callable<Set<ConversationId>>>generate(() -> () -> keeper.jobs.due(10_000)).limit(8).toList();
    assertEquals(1, Keeper.atOnce(offers).stream().filter(due -> due.contains(room.id())).count());
  }

  @Test
  void what_somebody_tried_in_vain_comes_after_what_nobody_has_tried() {
    Person carol = new Person();
    Room older = keeper.found(room().waiting(carol), alice);
    Room newer = keeper.found(room().waiting(carol), alice);
    keeper.register(carol);
    List<WrapJob> first = keeper.jobs.take(alice.holder(), 1);
    Room tried = first.getFirst().conversation().equals(older.id()) ? older : newer;
    keeper.pass(tried.id(), LEASE);
    List<WrapJob> second = keeper.jobs.take(alice.holder(), 1);
    assertEquals(Set.of(older.id(), newer.id()),
        Set.of(first.getFirst().conversation(), second.getFirst().conversation()));
  }

  @Test
  void nobody_takes_more_than_sixteen_jobs_at_a_time() {
    Person dave = new Person();
    Person erin = new Person();
    Person carol = new Person();
    keeper.register(dave, erin, carol);
    List<Room> rooms = IntStream.range(0, 17)
        .mapToObj(_ -> keeper.found(new Room(dave, HistoryPolicy.FROM_JOIN).with(erin).waiting(carol), dave)).toList();
    List<WrapJob> first = keeper.take(dave);
    List<WrapJob> second = keeper.take(erin);
    assertEquals(16, first.size());
    assertEquals(1, second.size());
    assertEquals(Set.copyOf(rooms.stream().map(Room::id).toList()),
        Set.copyOf(Stream.concat(first.stream(), second.stream()).map(WrapJob::conversation).toList()));
    assertEquals(2, keeper.jobs.take(dave.holder(), 2).size());
  }

  /// Others may be due as well: time passes in their rooms too.
  private boolean offered(Room room) {
    return keeper.jobs.due(10_000).contains(room.id());
  }

  private Room ready() {
    Person carol = new Person();
    Room room = keeper.found(room().waiting(carol), alice);
    keeper.register(carol);
    assertTrue(offered(room));
    return room;
  }

  private Room room() {
    return new Room(alice, HistoryPolicy.FROM_JOIN).with(bob);
  }

  private static WrapJob activate(Room room, long epoch, Person... waiting) {
    List<Uid> uids = Stream.of(waiting).map(Person::uid)
        .sorted(Comparator.comparing(Uid::bytes, ByteString.unsignedLexicographicalComparator())).toList();
    return new WrapJob(room.id(), WRAP_JOB_KIND_ACTIVATE, new Epoch(epoch), uids);
  }
}
