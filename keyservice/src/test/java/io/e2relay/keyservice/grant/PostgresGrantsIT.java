// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.grant;

import static io.e2relay.keyservice.database.Columns.buffer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.google.protobuf.ByteString;
import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.conversation.Standing;
import io.e2relay.keyservice.epoch.Epochs;
import io.e2relay.keyservice.epoch.Objection;
import io.e2relay.keyservice.jobs.Keeper;
import io.e2relay.keyservice.jobs.Person;
import io.e2relay.keyservice.jobs.Room;
import io.e2relay.keyservice.jobs.WrapJob;
import io.e2relay.keyservice.membership.Creation;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.keyservice.membership.ReadableEpochs.Range;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.GrantKind;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.TrustLevel;
import io.e2relay.protocol.wire.WrapJobKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresGrantsIT {
  private static final Granting DONE = new Granting.Done();
  private static final Granting BEFORE = new Granting.Before();

  private final Keeper keeper;
  private Person alice = new Person();
  private Person bob = new Person();
  private Person carol = new Person();

  PostgresGrantsIT(Postgres postgres) {
    keeper = new Keeper(postgres);
  }

  @AfterAll
  void close() throws TimeoutException {
    keeper.close();
  }

  @BeforeEach
  void three_with_accounts() {
    alice = new Person();
    bob = new Person();
    carol = new Person();
    keeper.register(alice, bob, carol);
  }

  @Test
  void a_wrap_that_does_not_open_is_a_job_for_the_others_until_somebody_grants_another() {
    Room room = keeper.found(room().with(bob, carol), alice);
    assertEquals(DONE, ask(carol, room, 1));
    assertEquals(BEFORE, ask(carol, room, 1));
    assertEquals(1, keeper.rows(room.id()));
    assertEquals(List.of(), keeper.take(carol), "who lacks the key cannot give it");
    assertEquals(List.of(new WrapJob(room.id(), WrapJobKind.WRAP_JOB_KIND_GRANT, new Epoch(1), List.of(carol.uid()))),
        keeper.take(bob));
    assertEquals(List.of(), keeper.take(alice));
    Grant grant = bob.grant(room.record(1), carol, GrantKind.REWRAP);
    ByteString wrap = Person.wrap();
    assertEquals(DONE, keeper.grants.put(new GrantPut(bob.author(), grant, wrap)));
    assertEquals(0, keeper.rows(room.id()));
    List<Epochs.Wrap> wraps = wraps(carol, room);
    assertEquals(2, wraps.size());
    assertEquals(ByteString.EMPTY, wraps.getFirst().grant());
    assertEquals(new Epochs.Wrap(new Epoch(1), wrap, grant.bytes()), wraps.getLast());
    assertEquals(1, wraps(bob, room).size(), "nobody gets another's");
  }

  @Test
  void a_bad_grant_stands_in_nobody_s_way() {
    Room room = keeper.found(room().with(bob, carol), alice);
    ask(carol, room, 1);
    assertEquals(DONE, put(bob, room.record(1), carol, GrantKind.REWRAP));
    assertEquals(DONE, ask(carol, room, 1), "it does not open either");
    assertEquals(List.of(), keeper.take(bob), "bob has given what he could");
    assertEquals(1, keeper.take(alice).size());
    assertEquals(DONE, put(alice, room.record(1), carol, GrantKind.REWRAP));
    assertEquals(3, wraps(carol, room).size());
  }

  @Test
  void only_who_may_read_an_epoch_is_asked_for_its_key() {
    Room room = keeper.found(room().with(carol), alice);
    keeper.next(room.with(bob), alice, EpochReason.ADDED);
    assertEquals(DONE, ask(carol, room, 1));
    assertEquals(List.of(), keeper.take(bob));
    assertEquals(DONE, put(alice, room.record(1), bob, GrantKind.HISTORY));
    assertEquals(1, keeper.take(bob).size(), "since it was shared with him");
  }

  @Test
  void two_who_lack_the_same_key_are_not_sent_to_each_other() {
    Room room = keeper.found(room().with(bob, carol), alice);
    ask(bob, room, 1);
    ask(carol, room, 1);
    assertEquals(List.of(), keeper.take(bob));
    assertEquals(List.of(), keeper.take(carol));
    List<WrapJob> jobs = keeper.take(alice);
    assertEquals(1, jobs.size(), "one for both");
    assertEquals(Set.of(bob.uid(), carol.uid()), Set.copyOf(jobs.getFirst().uids()));
  }

  @Test
  void history_that_is_shared_can_be_read_until_the_reader_is_removed() {
    Room room = keeper.found(room().with(carol), alice);
    keeper.next(room, alice, EpochReason.BY_USER);
    keeper.next(room.with(bob), alice, EpochReason.ADDED);
    assertEquals(List.of(new Range(new Epoch(3), null)), readable(bob, room));
    assertEquals(List.of(), wraps(bob, room).stream().filter(wrap -> wrap.epoch().value() < 3).toList());
    assertEquals(DONE, put(alice, room.record(1), bob, GrantKind.HISTORY));
    assertEquals(DONE, put(carol, room.record(1), bob, GrantKind.HISTORY));
    assertEquals(List.of(new Range(new Epoch(1), new Epoch(1)), new Range(new Epoch(3), null)), readable(bob, room));
    assertEquals(List.of(1L, 1L, 3L), wraps(bob, room).stream().map(wrap -> wrap.epoch().value()).toList());
    assertEquals(DONE, put(alice, room.record(2), bob, GrantKind.HISTORY));
    assertEquals(List.of(new Range(new Epoch(1), null)), readable(bob, room));
    keeper.remove(room, alice, bob);
    assertEquals(0, keeper.count("SELECT count(*) AS count FROM keys.epoch_grant WHERE conversation_id = $1::bytea",
        buffer(room.id().bytes())));
    keeper.next(room, alice, EpochReason.REMOVED);
    keeper.next(room.with(bob), alice, EpochReason.ADDED);
    assertEquals(List.of(new Range(new Epoch(3), new Epoch(3)), new Range(new Epoch(5), null)), readable(bob, room));
  }

  @Test
  void a_key_wrapped_again_opens_no_epoch() {
    Room room = keeper.found(room().with(bob), alice);
    keeper.next(room.with(carol), alice, EpochReason.ADDED);
    assertInstanceOf(Granting.Refused.class, put(alice, room.record(1), carol, GrantKind.REWRAP));
    assertEquals(List.of(new Range(new Epoch(2), null)), readable(carol, room));
  }

  @Test
  void who_is_no_active_member_neither_grants_nor_asks_nor_is_granted() {
    Person dave = new Person();
    Room room = keeper.found(room().with(bob, carol).waiting(dave), alice);
    keeper.register(dave);
    keeper.remove(room, alice, carol);
    Granting notMember = refused(ErrorCode.NOT_A_MEMBER);
    Granting pending = refused(ErrorCode.MEMBER_PENDING);
    assertEquals(notMember, put(carol, room.record(1), bob, GrantKind.REWRAP));
    assertEquals(notMember, ask(carol, room, 1));
    assertEquals(notMember,
        keeper.grants.ask(alice.uid(), new ConversationId(Owner.random(ConversationId.BYTES)), new Epoch(1)));
    assertEquals(pending, put(dave, room.record(1), bob, GrantKind.REWRAP));
    assertEquals(pending, ask(dave, room, 1));
    assertEquals(refused(ErrorCode.NOT_ALLOWED), put(alice, room.record(1), carol, GrantKind.REWRAP));
    assertEquals(refused(ErrorCode.NOT_ALLOWED), put(alice, room.record(1), dave, GrantKind.HISTORY));
    assertEquals(DONE, put(alice, room.record(1), bob, GrantKind.REWRAP));
    assertEquals(DONE, ask(bob, room, 1));
  }

  @Test
  void a_grant_is_for_and_by_the_newest_account() {
    Room room = keeper.found(room().with(bob, carol), alice);
    Grant old = alice.grant(room.record(1), carol, GrantKind.REWRAP);
    keeper.register(carol.turned());
    assertEquals(new Granting.Refused(Objection.of(ErrorCode.STALE_KEYS, List.of(carol.uid()))),
        keeper.grants.put(new GrantPut(alice.author(), old, Person.wrap())));
    assertEquals(DONE, put(alice, room.record(1), carol, GrantKind.REWRAP));
    Grant byOld = bob.grant(room.record(1), carol, GrantKind.REWRAP);
    keeper.register(bob.turned());
    assertEquals(new Granting.Refused(Objection.of(ErrorCode.STALE_KEYS, List.of(bob.uid()))),
        keeper.grants.put(new GrantPut(bob.author(), byOld, Person.wrap())));
    assertEquals(DONE, put(bob, room.record(1), carol, GrantKind.REWRAP));
    assertEquals(DONE, put(bob, room.record(1), bob, GrantKind.REWRAP), "for oneself too");
  }

  @Test
  void of_many_grants_of_one_granter_at_once_one_is_stored() throws Exception {
    Room room = keeper.found(room().with(bob, carol), alice);
    List<Callable<Granting>> tries = new ArrayList<>();
    int same = 8;
    int others = 8;
    GrantPut put = new GrantPut(alice.author(), alice.grant(room.record(1), carol, GrantKind.REWRAP), Person.wrap());
    IntStream.range(0, same).forEach(_ -> tries.add(() -> keeper.grants.put(put)));
    List<Granting> answers = Keeper.atOnce(tries);
    assertEquals(1, answers.stream().filter(DONE::equals).count(), answers::toString);
    assertEquals(same - 1, answers.stream().filter(BEFORE::equals).count(), answers::toString);
    tries.clear();
    IntStream.range(0, others).forEach(_ -> tries.add(() -> put(bob, room.record(1), carol, GrantKind.REWRAP)));
    answers = Keeper.atOnce(tries);
    assertEquals(1, answers.stream().filter(DONE::equals).count(), answers::toString);
    assertEquals(others - 1, answers.stream().filter(refused(ErrorCode.DUPLICATE_DIFFERS)::equals).count(),
        answers::toString);
    assertEquals(3, wraps(carol, room).size());
    IO.println("shown: grants-at-once same=" + same + " others=" + others + " stored=2");
  }

  @Test
  void a_grant_while_its_reader_is_removed_leaves_nothing() throws Exception {
    int rounds = 15;
    for (int round = 0; round < rounds; round++) {
      Room room = keeper.found(room().with(bob, carol), alice);
      Keeper.atOnce(List.<Callable<Object>>of(() -> {
        keeper.remove(room, alice, carol);
        return true;
      }, () -> put(bob, room.record(1), carol, GrantKind.REWRAP), () -> ask(carol, room, 1)));
      assertEquals(0, keeper.rows(room.id()), "round " + round);
      assertEquals(0, keeper.count("SELECT count(*) AS count FROM keys.epoch_grant WHERE conversation_id = $1::bytea",
          buffer(room.id().bytes())), "round " + round);
    }
    IO.println("shown: grant-while-removed rounds=" + rounds);
  }

  @Test
  void nobody_waits_for_more_than_a_hundred_grants_however_they_ask() throws Exception {
    int epochs = 120;
    Room room = keeper.found(new Room(alice, HistoryPolicy.FULL).with(bob, carol), alice);
    for (int epoch = 2; epoch <= epochs; epoch++) {
      keeper.next(room, alice, EpochReason.PERIODIC);
    }
    List<Granting> answers = Keeper.atOnce(
        IntStream.rangeClosed(1, epochs).<Callable<Granting>>mapToObj(epoch -> () -> ask(carol, room, epoch)).toList());
    assertEquals(100, answers.stream().filter(DONE::equals).count());
    assertEquals(epochs - 100, answers.stream().filter(refused(ErrorCode.TOO_FAST)::equals).count());
    assertEquals(100, keeper.rows(room.id()));
    assertEquals(DONE, ask(bob, room, 1), "each for themselves");
    List<WrapJob> jobs = keeper.take(alice);
    assertEquals(16, jobs.size());
    for (WrapJob job : jobs) {
      for (Uid uid : job.uids()) {
        Person to = uid.equals(bob.uid()) ? bob : carol;
        assertEquals(DONE, put(alice, room.record((int) job.epoch().value()), to, GrantKind.REWRAP));
      }
    }
    assertEquals(16, keeper.take(alice).size(), "the next ones");
    IO.println("shown: bad-wraps asked=" + epochs + " waiting=100");
  }

  @Test
  void in_an_open_conversation_there_is_nothing_to_grant() {
    ConversationId open = new ConversationId(Owner.random(ConversationId.BYTES));
    keeper.conversations
        .create(new Creation(open, new Creation.Terms(Named.TENANT, TrustLevel.TRUST_LEVEL_OPEN, History.HISTORY_FULL),
            alice.uid(), Set.of(bob.uid()), Owner.random(Creation.REQUEST_ID_BYTES), ByteString.EMPTY));
    assertEquals(refused(ErrorCode.UNSUPPORTED), keeper.grants.ask(bob.uid(), open, new Epoch(1)));
    assertEquals(List.of(), keeper.take(bob));
  }

  private Room room() {
    return new Room(alice, HistoryPolicy.FROM_JOIN);
  }

  private Granting ask(Person who, Room room, long epoch) {
    return keeper.grants.ask(who.uid(), room.id(), new Epoch(epoch));
  }

  private Granting put(Person by, EpochRecord epoch, Person to, GrantKind kind) {
    return keeper.grants.put(new GrantPut(by.author(), by.grant(epoch, to, kind), Person.wrap()));
  }

  private List<Range> readable(Person who, Room room) {
    Standing standing = keeper.conversations.standing(room.id(), who.uid());
    assertNotNull(standing);
    return standing.readable();
  }

  private List<Epochs.Wrap> wraps(Person who, Room room) {
    return switch (keeper.epochs.wraps(room.id(), who.uid(), 0)) {
      case Epochs.Keyring.Wraps(List<Epochs.Wrap> wraps, boolean _) -> wraps;
      case Epochs.Keyring.Refused refused -> throw new AssertionError(refused);
    };
  }

  private static Granting refused(ErrorCode code) {
    return new Granting.Refused(Objection.of(code));
  }
}
