// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.account.Put;
import io.e2relay.keyservice.backup.Sample;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.epoch.Draft;
import io.e2relay.keyservice.epoch.Holder;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.ConversationReply;
import io.e2relay.protocol.bus.wire.CreateCall;
import io.e2relay.protocol.bus.wire.DeviceWrapsCall;
import io.e2relay.protocol.bus.wire.DevicesCall;
import io.e2relay.protocol.bus.wire.DevicesReply;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.OpenBackupCall;
import io.e2relay.protocol.bus.wire.PutAccountCall;
import io.e2relay.protocol.bus.wire.PutBackupCall;
import io.e2relay.protocol.bus.wire.PutEpochCall;
import io.e2relay.protocol.bus.wire.PutEpochReply;
import io.e2relay.protocol.bus.wire.RetireDeviceCall;
import io.e2relay.protocol.bus.wire.SignInCall;
import io.e2relay.protocol.bus.wire.SignInReply;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Settings;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.DeviceLogin;
import io.e2relay.protocol.wire.DeviceWrap;
import io.e2relay.protocol.wire.OpenBackup;
import io.e2relay.protocol.wire.PutAccount;
import io.e2relay.protocol.wire.PutBackup;
import io.e2relay.protocol.wire.PutEpoch;
import io.e2relay.protocol.wire.TrustLevel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Devices as relays meet them on the bus: who is let in, who no longer is, and what has stopped when.
@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DeviceCallsIT {
  private static final String AUDIENCE = "e2relay";
  private static final long DAY_MS = Duration.ofDays(1).toMillis();

  private final Station station;
  private final PostgresSessions sessions;

  DeviceCallsIT(Postgres postgres) throws TimeoutException {
    KeySchemas.migrate(postgres);
    station = new Station(postgres, KeyConfig.read(new Settings(Map.of("keys.timeout.ms", "10000"))));
    sessions = new PostgresSessions(station.vertx, postgres,
        new PostgresSessions.Bounds(1, 10, Duration.ofSeconds(10)));
  }

  /// Somebody with an account, and the device that made it.
  private final class Person {
    final String name;
    final Owner owner;
    final Owner.Keys phone = Owner.Keys.make();
    AccountRecord last;

    Person(String name) {
      this.name = name;
      this.owner = new Owner(Named.TENANT, Ids.uid(Named.TENANT, name), System.currentTimeMillis());
      this.last = owner.genesis(phone);
    }

    DoneReply put(AccountRecord record) throws TimeoutException {
      last = record;
      return station.ask(Calls.PUT_ACCOUNT, call(owner.put(record)));
    }

    SignInReply login(Owner.Keys device) throws TimeoutException {
      ByteString nonce = Owner.random(32);
      return station.ask(Calls.SIGN_IN, bare(device).toBuilder().setNonce(nonce).setAudience(AUDIENCE).setLogin(
          DeviceLogin.newBuilder().setSignature(owner.login(device, nonce, AUDIENCE).bytes()).setSignedMs(owner.now()))
          .build());
    }

    SignInCall bare(Owner.Keys device) {
      return Station.signIn(name).toBuilder().setDeviceId(device.id().bytes()).build();
    }

    /// Was seen last so long ago.
    void away(Owner.Keys device, long ms) {
      sessions.with(session -> session.run("""
          UPDATE keys.device_use SET seen_ms = $3::bigint WHERE uid = $1::bytea AND device_id = $2::bytea""",
          Columns.buffer(owner.uid.bytes()), Columns.buffer(device.id().bytes()), System.currentTimeMillis() - ms));
    }

    long seenMs(Owner.Keys device) {
      return requireNonNull(sessions.with(session -> session.first("""
          SELECT seen_ms FROM keys.device_use WHERE uid = $1::bytea AND device_id = $2::bytea""",
          Columns.buffer(owner.uid.bytes()), Columns.buffer(device.id().bytes())))).getLong("seen_ms");
    }

    Set<DeviceId> told() throws InterruptedException {
      DevicesCall call = requireNonNull(station.devices.poll(10, SECONDS));
      while (!owner.uid.bytes().equals(call.getUid())) {
        call = requireNonNull(station.devices.poll(10, SECONDS));
      }
      return Set.copyOf(call.getDeviceIdsList().stream().map(DeviceId::new).toList());
    }
  }

  @BeforeEach
  void forget() {
    station.devices.clear();
  }

  @AfterAll
  void close() throws TimeoutException {
    sessions.close().await(10, SECONDS);
    station.close();
  }

  @Test
  void a_record_is_answered_when_the_relays_have_closed_who_left_also_if_an_earlier_try_stored_it() throws Exception {
    Person anne = new Person("anne");
    Owner.Keys laptop = Owner.Keys.make();
    assertTrue(anne.put(anne.last).hasDone());
    assertEquals(Set.of(anne.phone.id()), anne.told());
    assertTrue(anne.put(anne.owner.add(anne.last, laptop)).hasDone());
    assertEquals(Set.of(anne.phone.id(), laptop.id()), anne.told());
    PutAccountCall revoking = call(anne.owner.put(anne.owner.revoke(anne.last, anne.phone.id())));
    for (int i = 0; i < 2; i++) {
      Promise<DevicesReply> closing = Promise.promise();
      station.devicesAnswer = closing.future();
      Future<DoneReply> answer = station.bus.ask(Calls.PUT_ACCOUNT, revoking);
      assertEquals(Set.of(laptop.id()), anne.told());
      assertFalse(answer.isComplete());
      closing.complete(DevicesReply.getDefaultInstance());
      assertTrue(answer.await(10, SECONDS).hasDone());
    }
    station.devicesAnswer = Future.succeededFuture(DevicesReply.getDefaultInstance());
    assertFalse(anne.login(laptop).hasRefusal());
    assertRefused(ErrorCode.DEVICE_UNPROVEN, anne.login(anne.phone));
    // Without a login it is a stranger like any other.
    SignInReply stranger = station.ask(Calls.SIGN_IN, anne.bare(anne.phone));
    assertFalse(stranger.hasRefusal());
    assertFalse(stranger.getDeviceProven());
    IO.println("shown: revoked_device tries=2 closed_before_answer=2 kept=1");
  }

  @Test
  void a_retired_device_is_refused_though_the_account_lists_it_and_the_other_one_stays() throws Exception {
    Person bob = new Person("bob");
    Owner.Keys laptop = Owner.Keys.make();
    assertTrue(bob.put(bob.last).hasDone());
    assertTrue(bob.put(bob.owner.add(bob.last, laptop)).hasDone());
    assertTrue(bob.login(bob.phone).getDeviceProven());
    station.devices.clear();
    assertTrue(station.ask(Calls.RETIRE_DEVICE, retire(bob, bob.phone)).hasDone());
    assertEquals(Set.of(laptop.id()), bob.told());
    assertRefused(ErrorCode.DEVICE_UNPROVEN, bob.login(bob.phone));
    assertRefused(ErrorCode.DEVICE_UNPROVEN, station.ask(Calls.SIGN_IN, bob.bare(bob.phone)));
    assertEquals(List.of(), wraps(bob, bob.phone));
    assertTrue(bob.login(laptop).getDeviceProven());
    assertEquals(1, wraps(bob, laptop).size());
    assertTrue(station.ask(Calls.RETIRE_DEVICE, retire(bob, bob.phone)).hasDone());
    // Added anew it is one like any other.
    assertTrue(bob.put(bob.owner.revoke(bob.last, bob.phone.id())).hasDone());
    assertTrue(bob.put(bob.owner.add(bob.last, bob.phone)).hasDone());
    assertTrue(bob.login(bob.phone).getDeviceProven());
    for (ByteString id : List.of(ByteString.EMPTY, Station.random(15))) {
      assertEquals(Replies.MALFORMED,
          station.ask(Calls.RETIRE_DEVICE, retire(bob, bob.phone).toBuilder().setDeviceId(id).build()).getRefusal());
    }
    IO.println("shown: retired_device refused=login,bare control=other_device,added_anew");
  }

  @Test
  void a_device_that_was_away_too_long_is_unlocked_by_opening_the_backup_on_its_connection() throws Exception {
    Person carl = new Person("carl");
    Sample backup = Sample.fresh();
    Owner.Keys laptop = Owner.Keys.make();
    assertTrue(carl.put(carl.last).hasDone());
    assertTrue(carl.put(carl.owner.add(carl.last, laptop)).hasDone());
    assertTrue(carl.login(carl.phone).getDeviceProven());
    assertTrue(carl.login(laptop).getDeviceProven());
    assertTrue(station.ask(Calls.PUT_BACKUP, put(carl, backup)).hasDone());
    carl.away(carl.phone, 91 * DAY_MS);
    carl.away(laptop, 89 * DAY_MS);
    assertTrue(carl.login(laptop).getDeviceProven());

    assertRefused(ErrorCode.DEVICE_IDLE, carl.login(carl.phone));
    SignInReply bare = station.ask(Calls.SIGN_IN, carl.bare(carl.phone));
    assertFalse(bare.hasRefusal());
    assertFalse(bare.getDeviceProven());
    ByteString device = carl.phone.id().bytes();
    assertTrue(station.ask(Calls.OPEN_BACKUP, open(carl, backup, device, Station.random(32))).hasRefusal());
    assertRefused(ErrorCode.DEVICE_IDLE, carl.login(carl.phone));
    // Opened by another one, it unlocks that one.
    assertTrue(station.ask(Calls.OPEN_BACKUP, open(carl, backup, Station.random(16), backup.auth())).hasBackup());
    assertTrue(station.ask(Calls.OPEN_BACKUP, open(carl, backup, laptop.id().bytes(), backup.auth())).hasBackup());
    assertRefused(ErrorCode.DEVICE_IDLE, carl.login(carl.phone));

    assertTrue(station.ask(Calls.OPEN_BACKUP, open(carl, backup, device, backup.auth())).hasBackup());
    assertTrue(carl.login(carl.phone).getDeviceProven());
    assertRefused(ErrorCode.DEVICE_UNPROVEN, station.ask(Calls.SIGN_IN, carl.bare(carl.phone)));
    IO.println("shown: idle_device days=91 refused=DEVICE_IDLE not_unlocked_by=wrong_password,others unlocked_by=own "
        + "control=89_days");
  }

  @Test
  void where_there_is_no_backup_nothing_locks() throws Exception {
    Person dora = new Person("dora");
    assertTrue(dora.put(dora.last).hasDone());
    assertTrue(dora.login(dora.phone).getDeviceProven());
    dora.away(dora.phone, 91 * DAY_MS);
    assertRefused(ErrorCode.DEVICE_UNPROVEN, station.ask(Calls.SIGN_IN, dora.bare(dora.phone)));
    assertTrue(dora.login(dora.phone).getDeviceProven());
    assertTrue(System.currentTimeMillis() - dora.seenMs(dora.phone) < DAY_MS);
  }

  @Test
  void that_a_device_is_here_is_written_once_a_day() throws Exception {
    Person erik = new Person("erik");
    assertTrue(erik.put(erik.last).hasDone());
    assertTrue(erik.login(erik.phone).getDeviceProven());
    erik.away(erik.phone, DAY_MS - 3_600_000);
    long before = erik.seenMs(erik.phone);
    assertTrue(erik.login(erik.phone).getDeviceProven());
    assertEquals(before, erik.seenMs(erik.phone));
    erik.away(erik.phone, DAY_MS + 3_600_000);
    assertTrue(erik.login(erik.phone).getDeviceProven());
    assertTrue(erik.seenMs(erik.phone) > before);
  }

  @Test
  void a_strict_account_has_its_root_key_with_its_devices_and_no_backup() throws Exception {
    Person fay = new Person("fay");
    Put strict = fay.owner.strictly(fay.last);
    assertTrue(station.ask(Calls.PUT_ACCOUNT, call(strict)).hasDone());
    DeviceWrap wrap = wraps(fay, fay.phone).getFirst();
    assertEquals(strict.rootWraps().getFirst(), wrap.getRootWrap());
    assertEquals(strict.wraps().getFirst(), wrap.getWrap());
    assertEquals(ErrorCode.NOT_ALLOWED.refusal(), station.ask(Calls.PUT_BACKUP, put(fay, Sample.fresh())).getRefusal());
    Person gus = new Person("gus");
    assertTrue(gus.put(gus.last).hasDone());
    assertTrue(station.ask(Calls.PUT_BACKUP, put(gus, Sample.fresh())).hasDone());
    assertTrue(wraps(gus, gus.phone).getFirst().getRootWrap().isEmpty());
    IO.println("shown: strict_account backup=NOT_ALLOWED root_wrap=" + wrap.getRootWrap().size() + " control=plain");
  }

  @Test
  void whom_the_token_calls_a_bot_gets_no_account() throws Exception {
    Person hal = new Person("hal");
    SignInCall arriving = hal.bare(hal.phone);
    assertFalse(station.ask(Calls.SIGN_IN, arriving.toBuilder().setBot(true).build()).hasRefusal());
    assertTrue(isBot(hal));
    assertEquals(ErrorCode.NOT_ALLOWED.refusal(), hal.put(hal.last).getRefusal());
    assertFalse(station.ask(Calls.SIGN_IN, arriving).hasRefusal());
    assertFalse(isBot(hal));
    assertTrue(hal.put(hal.last).hasDone());
    IO.println("shown: bot put_account=NOT_ALLOWED control=same_user_without_the_claim");
  }

  @Test
  void a_bot_is_in_no_encrypted_conversation() throws Exception {
    long nowMs = System.currentTimeMillis();
    Holder ida = new Holder(Named.TENANT, Ids.uid(Named.TENANT, "ida"), nowMs);
    assertTrue(station.ask(Calls.PUT_ACCOUNT, call(ida.owner.put(ida.account()))).hasDone());
    Uid robot = Ids.uid(Named.TENANT, "robot");
    SignInCall arriving = Station.signIn("robot");
    station.ask(Calls.SIGN_IN, arriving.toBuilder().setBot(true).build());
    assertEquals(ErrorCode.NOT_ALLOWED.refusal(), create(Draft.group(ida).pending(robot)).getRefusal());
    Draft first = Draft.group(ida);
    assertTrue(create(first).hasConversation());
    assertEquals(ErrorCode.NOT_ALLOWED.refusal(), put(first.next().pending(robot)).getRefusal());
    station.ask(Calls.SIGN_IN, arriving);
    assertTrue(put(first.next().pending(robot)).hasPut());
    IO.println("shown: bot in_roster=NOT_ALLOWED ways=create,put_epoch control=same_user_without_the_claim");
  }

  private ConversationReply create(Draft draft) throws TimeoutException {
    return station
        .ask(Calls.CREATE,
            CreateCall.newBuilder().setTenant(Named.TENANT.bytes()).setCaller(draft.by.uid().bytes())
                .setDeviceId(draft.by.signer().device().bytes())
                .setRequest(CreateConversation.newBuilder().setRequestId(Station.random(16))
                    .setLevel(TrustLevel.TRUST_LEVEL_E2EE).setGenesis(draft.genesis.bytes())
                    .setRecord(draft.record().bytes()).addAllWraps(draft.wraps.get()))
                .build());
  }

  private PutEpochReply put(Draft draft) throws TimeoutException {
    return station.ask(Calls.PUT_EPOCH,
        PutEpochCall.newBuilder().setTenant(Named.TENANT.bytes()).setCaller(draft.by.uid().bytes())
            .setDeviceId(draft.by.signer().device().bytes()).setRequest(PutEpoch.newBuilder()
                .setConversationId(draft.id().bytes()).setRecord(draft.record().bytes()).addAllWraps(draft.wraps.get()))
            .build());
  }

  private boolean isBot(Person person) {
    return requireNonNull(sessions.with(session -> session.first("""
        SELECT bot FROM keys.app_user WHERE uid = $1::bytea""", Columns.buffer(person.owner.uid.bytes()))))
        .getBoolean("bot");
  }

  private List<DeviceWrap> wraps(Person person, Owner.Keys device) throws TimeoutException {
    return station
        .ask(Calls.DEVICE_WRAPS,
            DeviceWrapsCall.newBuilder().setCaller(person.owner.uid.bytes()).setDeviceId(device.id().bytes()).build())
        .getWraps().getWrapsList();
  }

  private static void assertRefused(ErrorCode code, SignInReply reply) {
    assertEquals(code.refusal(), reply.getRefusal());
  }

  private static RetireDeviceCall retire(Person person, Owner.Keys device) {
    return RetireDeviceCall.newBuilder().setCaller(person.owner.uid.bytes()).setDeviceId(device.id().bytes()).build();
  }

  private static PutBackupCall put(Person person, Sample backup) {
    return PutBackupCall
        .newBuilder().setTenant(Named.TENANT.bytes()).setCaller(person.owner.uid.bytes()).setRequest(PutBackup
            .newBuilder().setBlob(backup.blob().bytes()).setAuth(backup.auth()).setRecoveryAuth(backup.recoveryAuth()))
        .build();
  }

  private static OpenBackupCall open(Person person, Sample backup, ByteString device, ByteString auth) {
    return OpenBackupCall.newBuilder().setTenant(Named.TENANT.bytes()).setCaller(person.owner.uid.bytes())
        .setDeviceId(device).setRequest(OpenBackup.newBuilder().setBackupId(backup.blob().backupId()).setAuth(auth))
        .build();
  }

  private static PutAccountCall call(Put put) {
    return PutAccountCall.newBuilder().setTenant(put.tenant().bytes()).setCaller(put.caller().bytes())
        .setRequest(PutAccount.newBuilder().setRecord(put.record().bytes()).addAllDeviceWraps(put.wraps())
            .addAllRootWraps(put.rootWraps()))
        .build();
  }
}
