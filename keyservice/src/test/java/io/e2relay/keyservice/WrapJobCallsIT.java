// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.account.Put;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.epoch.Sealed;
import io.e2relay.keyservice.jobs.Person;
import io.e2relay.keyservice.jobs.Room;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.BadWrapCall;
import io.e2relay.protocol.bus.wire.CreateCall;
import io.e2relay.protocol.bus.wire.DetachReply;
import io.e2relay.protocol.bus.wire.GetWrapsCall;
import io.e2relay.protocol.bus.wire.GetWrapsReply;
import io.e2relay.protocol.bus.wire.MemberReadyHint;
import io.e2relay.protocol.bus.wire.PutAccountCall;
import io.e2relay.protocol.bus.wire.PutEpochCall;
import io.e2relay.protocol.bus.wire.PutGrantCall;
import io.e2relay.protocol.bus.wire.Refusal;
import io.e2relay.protocol.bus.wire.TakeWrapJobsCall;
import io.e2relay.protocol.bus.wire.WrapJobsHint;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Settings;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.GrantKind;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.wire.BadWrap;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.GetWraps;
import io.e2relay.protocol.wire.KeyWrap;
import io.e2relay.protocol.wire.PutAccount;
import io.e2relay.protocol.wire.PutEpoch;
import io.e2relay.protocol.wire.PutGrant;
import io.e2relay.protocol.wire.TrustLevel;
import io.e2relay.protocol.wire.WrapJob;
import io.e2relay.protocol.wire.WrapJobKind;
import io.e2relay.protocol.wire.WrapJobs;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WrapJobCallsIT {
  private static final Duration REPLACED_WITHIN = Duration.ofSeconds(12);

  private final Station station;
  private final Map<ByteString, BlockingQueue<WrapJobsHint>> offers = new ConcurrentHashMap<>();
  private final Map<ByteString, BlockingQueue<MemberReadyHint>> ready = new ConcurrentHashMap<>();

  WrapJobCallsIT(Postgres postgres) throws TimeoutException {
    KeySchemas.migrate(postgres);
    station = new Station(postgres, KeyConfig.read(new Settings(Map.of("keys.timeout.ms", "10000"))));
    station.relayAnswers(Future.succeededFuture(DetachReply.getDefaultInstance()));
    station.bus.listen(Calls.WRAP_JOBS, hint -> of(offers, hint.getConversationId()).add(hint)).await(5, SECONDS);
    station.bus.listen(Calls.MEMBER_READY, hint -> of(ready, hint.getConversationId()).add(hint)).await(5, SECONDS);
  }

  @AfterAll
  void close() throws TimeoutException {
    station.close();
  }

  @Test
  void a_pending_member_becomes_readable_in_whichever_order_they_come() throws Exception {
    Person alice = registered();
    Timer timer = station.registry.get("e2relay_keys_time_to_readable").timer();
    long before = timer.count();
    for (boolean accountFirst : List.of(true, false)) {
      Person carol = new Person();
      if (accountFirst) {
        register(carol);
      }
      Room room = found(new Room(alice, HistoryPolicy.FROM_JOIN).waiting(carol), alice);
      if (!accountFirst) {
        assertEquals(List.of(), take(alice).getJobsList());
        register(carol);
      }
      assertNotNull(offered(room, Duration.ofSeconds(10)));
      WrapJob job = WrapJob.newBuilder().setConversationId(room.id().bytes())
          .setKind(WrapJobKind.WRAP_JOB_KIND_ACTIVATE).setEpoch(1).addUids(carol.uid().bytes()).build();
      assertEquals(WrapJobs.newBuilder().addJobs(job).setLeaseMs(10_000).build(), take(alice));
      assertEquals(ErrorCode.MEMBER_PENDING.refusal(), wraps(carol, room).getRefusal());
      next(room.with(carol), alice, EpochReason.ACTIVATED);
      assertEquals(MemberReadyHint.newBuilder().setConversationId(room.id().bytes()).setEpoch(2)
          .addUids(carol.uid().bytes()).build(), of(ready, room.id().bytes()).poll(10, SECONDS));
      assertEquals(1, wraps(carol, room).getWraps().getWrapsCount());
      assertEquals(List.of(), take(alice).getJobsList());
    }
    assertEquals(2, timer.count() - before);
    IO.println("shown: pending-member orders=2 time_to_readable_max_ms=" + (long) timer.max(MILLISECONDS));
  }

  @Test
  void a_holder_who_takes_a_job_and_never_does_it_is_replaced() throws Exception {
    Person alice = registered();
    Person bob = registered();
    Person carol = new Person();
    Room room = found(new Room(alice, HistoryPolicy.FROM_JOIN).with(bob).waiting(carol), alice);
    register(carol);
    assertNotNull(offered(room, Duration.ofSeconds(10)));
    long taken = System.nanoTime();
    assertEquals(1, take(alice).getJobsCount());
    assertEquals(0, take(bob).getJobsCount());
    assertNotNull(offered(room, REPLACED_WITHIN), "nobody was asked in time");
    assertEquals(1, take(bob).getJobsCount());
    Duration replaced = Duration.ofNanos(System.nanoTime() - taken);
    assertTrue(replaced.compareTo(REPLACED_WITHIN) <= 0, replaced::toString);
    next(room.with(carol), bob, EpochReason.ACTIVATED);
    IO.println("shown: lease lease_ms=10000 replaced_after_ms=" + replaced.toMillis());
  }

  @Test
  void a_wrap_that_does_not_open_is_asked_for_granted_and_told_of() throws Exception {
    Person alice = registered();
    Person bob = registered();
    Room room = found(new Room(alice, HistoryPolicy.FROM_JOIN).with(bob), alice);
    of(offers, room.id().bytes()).clear();
    BadWrapCall bad = BadWrapCall.newBuilder().setCaller(bob.uid().bytes())
        .setRequest(BadWrap.newBuilder().setConversationId(room.id().bytes()).setEpoch(1)).build();
    assertTrue(station.ask(Calls.BAD_WRAP, bad).hasDone());
    assertNotNull(offered(room, Duration.ofSeconds(10)));
    assertEquals(List.of(WrapJob.newBuilder().setConversationId(room.id().bytes())
        .setKind(WrapJobKind.WRAP_JOB_KIND_GRANT).setEpoch(1).addUids(bob.uid().bytes()).build()),
        take(alice).getJobsList());
    Grant grant = alice.grant(room.record(1), bob, GrantKind.REWRAP);
    PutGrantCall put = grant(alice, grant.bytes());
    MemberReadyHint told = MemberReadyHint.newBuilder().setConversationId(room.id().bytes()).setEpoch(1)
        .addUids(bob.uid().bytes()).build();
    // The second time as whoever puts it again whose answer was lost, and the news with it.
    for (int time = 0; time < 2; time++) {
      assertTrue(station.ask(Calls.PUT_GRANT, put).hasDone());
      assertEquals(told, of(ready, room.id().bytes()).poll(10, SECONDS));
    }
    assertEquals(KeyWrap.newBuilder().setEpoch(1).setGrant(grant.bytes()).setWrap(put.getRequest().getWrap()).build(),
        wraps(bob, room).getWraps().getWraps(1));
  }

  @Test
  void refusals_say_what_is_wrong() throws Exception {
    Person alice = registered();
    Person bob = registered();
    Person stranger = registered();
    Room room = found(new Room(alice, HistoryPolicy.FROM_JOIN).with(bob), alice);
    Grant old = alice.grant(room.record(1), bob, GrantKind.REWRAP);
    register(bob.turned());
    assertEquals(ErrorCode.STALE_KEYS.refusal().toBuilder().addUids(bob.uid().bytes()).build(),
        station.ask(Calls.PUT_GRANT, grant(alice, old.bytes())).getRefusal());
    ByteString good = alice.grant(room.record(1), bob, GrantKind.REWRAP).bytes();
    assertEquals(refused(Fault.TRUNCATED),
        station.ask(Calls.PUT_GRANT, grant(alice, good.substring(0, good.size() - 1))).getRefusal());
    assertEquals(refused(Fault.WRONG_CONTEXT), station.ask(Calls.PUT_GRANT, grant(bob, good)).getRefusal());
    Room elsewhere = new Room(stranger, HistoryPolicy.FULL);
    elsewhere.taken(elsewhere.sign(stranger, EpochReason.CREATED));
    for (Room where : List.of(room, elsewhere)) {
      assertEquals(Replies.NOT_A_MEMBER,
          station.ask(Calls.PUT_GRANT, grant(stranger, stranger.grant(where.record(1), bob, GrantKind.REWRAP).bytes()))
              .getRefusal());
      assertEquals(Replies.NOT_A_MEMBER,
          station
              .ask(Calls.BAD_WRAP,
                  BadWrapCall.newBuilder().setCaller(stranger.uid().bytes())
                      .setRequest(BadWrap.newBuilder().setConversationId(where.id().bytes()).setEpoch(1)).build())
              .getRefusal());
    }
    assertEquals(List.of(), take(stranger).getJobsList());
    assertTrue(station.ask(Calls.PUT_GRANT, grant(alice, good)).hasDone());
  }

  @Test
  void what_cannot_be_an_id_or_an_epoch_is_malformed() throws Exception {
    ByteString id = Station.random(16);
    Refusal malformed = ErrorCode.MALFORMED.refusal();
    assertEquals(malformed,
        station.ask(Calls.TAKE_WRAP_JOBS, TakeWrapJobsCall.newBuilder().setCaller(id).build()).getRefusal());
    assertEquals(malformed,
        station.ask(Calls.TAKE_WRAP_JOBS, TakeWrapJobsCall.newBuilder().setDeviceId(id).build()).getRefusal());
    assertEquals(malformed, station.ask(Calls.PUT_GRANT, PutGrantCall.newBuilder().setCaller(id).build()).getRefusal());
    assertEquals(malformed, station.ask(Calls.BAD_WRAP, BadWrapCall.newBuilder().setCaller(id)
        .setRequest(BadWrap.newBuilder().setConversationId(Station.nowhere())).build()).getRefusal());
    assertEquals(0,
        station
            .ask(Calls.TAKE_WRAP_JOBS, TakeWrapJobsCall.newBuilder().setCaller(id).setDeviceId(id).setLimit(-1).build())
            .getJobs().getJobsCount());
  }

  private static <T> BlockingQueue<T> of(Map<ByteString, BlockingQueue<T>> all, ByteString conversation) {
    return all.computeIfAbsent(conversation, _ -> new LinkedBlockingQueue<>());
  }

  private @Nullable WrapJobsHint offered(Room room, Duration within) throws InterruptedException {
    return of(offers, room.id().bytes()).poll(within.toMillis(), MILLISECONDS);
  }

  private Person registered() throws TimeoutException {
    Person person = new Person();
    register(person);
    return person;
  }

  private void register(Person person) throws TimeoutException {
    Put put = person.put();
    assertTrue(station.ask(Calls.PUT_ACCOUNT,
        PutAccountCall.newBuilder().setTenant(Named.TENANT.bytes()).setCaller(person.uid().bytes())
            .setRequest(PutAccount.newBuilder().setRecord(put.record().bytes()).addAllDeviceWraps(put.wraps())).build())
        .hasDone());
  }

  private Room found(Room room, Person by) throws TimeoutException {
    EpochRecord record = room.sign(by, EpochReason.CREATED);
    CreateConversation request = CreateConversation.newBuilder().setRequestId(Station.random(16))
        .setLevel(TrustLevel.TRUST_LEVEL_E2EE).setGenesis(room.genesis.bytes()).setRecord(record.bytes())
        .addAllWraps(Room.sealed(record).wraps()).build();
    assertTrue(station.ask(Calls.CREATE, CreateCall.newBuilder().setTenant(Named.TENANT.bytes())
        .setCaller(by.uid().bytes()).setDeviceId(by.deviceId().bytes()).setRequest(request).build()).hasConversation());
    room.taken(record);
    return room;
  }

  private void next(Room room, Person by, EpochReason reason) throws TimeoutException {
    Sealed epoch = Room.sealed(room.sign(by, reason));
    assertTrue(station.ask(Calls.PUT_EPOCH, PutEpochCall.newBuilder().setTenant(Named.TENANT.bytes())
        .setCaller(by.uid().bytes()).setDeviceId(by.deviceId().bytes()).setRequest(PutEpoch.newBuilder()
            .setConversationId(room.id().bytes()).setRecord(epoch.record().bytes()).addAllWraps(epoch.wraps()))
        .build()).hasPut());
    room.taken(epoch.record());
  }

  private WrapJobs take(Person by) throws TimeoutException {
    return station
        .ask(Calls.TAKE_WRAP_JOBS,
            TakeWrapJobsCall.newBuilder().setCaller(by.uid().bytes()).setDeviceId(by.deviceId().bytes()).build())
        .getJobs();
  }

  private GetWrapsReply wraps(Person who, Room room) throws TimeoutException {
    return station.ask(Calls.GET_WRAPS, GetWrapsCall.newBuilder().setCaller(who.uid().bytes())
        .setRequest(GetWraps.newBuilder().setConversationId(room.id().bytes())).build());
  }

  private static PutGrantCall grant(Person by, ByteString grant) {
    return PutGrantCall.newBuilder().setTenant(Named.TENANT.bytes()).setCaller(by.uid().bytes())
        .setDeviceId(by.deviceId().bytes()).setRequest(PutGrant.newBuilder().setGrant(grant).setWrap(Person.wrap()))
        .build();
  }

  private static Refusal refused(Fault fault) {
    return ErrorCode.RECORD_REFUSED.refusal().toBuilder().setFault(fault.name()).build();
  }
}
