// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.account.Put;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.PutAccountCall;
import io.e2relay.protocol.bus.wire.RetireDeviceCall;
import io.e2relay.protocol.bus.wire.UserState;
import io.e2relay.protocol.bus.wire.UserStatesCall;
import io.e2relay.protocol.bus.wire.UserStatesReply;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Settings;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.wire.PutAccount;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Where users stand, as a relay asks that may have missed news of them.
@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class UserStatesIT {
  private final Station station;

  UserStatesIT(Postgres postgres) throws TimeoutException {
    KeySchemas.migrate(postgres);
    station = new Station(postgres, KeyConfig.read(new Settings(Map.of("keys.timeout.ms", "10000"))));
  }

  @AfterAll
  void close() throws TimeoutException {
    station.close();
  }

  @Test
  void the_version_grows_with_the_list() throws Exception {
    Uid anne = new Uid(Owner.random(Uid.BYTES));
    assertEquals(List.of(), states(anne.bytes()).getUsersList());
    station.create(anne);
    long first = only(anne).getVersion();
    station.create(anne);
    assertEquals(first + 1, only(anne).getVersion());
    assertEquals(0, only(anne).getAccountSeq());
    assertEquals(List.of(), only(anne).getDeviceIdsList());
  }

  @Test
  void the_account_is_its_newest_record_and_the_devices_that_have_not_retired() throws Exception {
    Owner bob = new Owner(Named.TENANT, new Uid(Owner.random(Uid.BYTES)), System.currentTimeMillis());
    Owner.Keys phone = Owner.Keys.make();
    Owner.Keys laptop = Owner.Keys.make();
    station.create(bob.uid);
    AccountRecord genesis = put(bob.put(bob.genesis(phone)));
    put(bob.put(bob.add(genesis, laptop)));
    assertEquals(2, only(bob.uid).getAccountSeq());
    assertEquals(Set.of(phone.id().bytes(), laptop.id().bytes()), Set.copyOf(only(bob.uid).getDeviceIdsList()));
    RetireDeviceCall retire = RetireDeviceCall.newBuilder().setCaller(bob.uid.bytes()).setDeviceId(phone.id().bytes())
        .build();
    assertTrue(station.ask(Calls.RETIRE_DEVICE, retire).hasDone());
    assertEquals(2, only(bob.uid).getAccountSeq());
    assertEquals(List.of(laptop.id().bytes()), only(bob.uid).getDeviceIdsList());
  }

  @Test
  void a_thousand_users_are_told_at_once_and_one_more_is_not() throws Exception {
    Uid anne = new Uid(Owner.random(Uid.BYTES));
    station.create(anne);
    List<ByteString> many = Collections.nCopies(1_000, anne.bytes());
    assertEquals(1,
        station.ask(Calls.USER_STATES, UserStatesCall.newBuilder().addAllUids(many).build()).getUsersCount());
    UserStatesReply refused = station.ask(Calls.USER_STATES,
        UserStatesCall.newBuilder().addAllUids(many).addUids(anne.bytes()).build());
    assertEquals(ErrorCode.LIMIT_EXCEEDED, ErrorCode.of(refused.getRefusal()));
    assertEquals(ErrorCode.MALFORMED, ErrorCode.of(states(Owner.random(15)).getRefusal()));
    assertFalse(states(anne.bytes()).hasRefusal());
  }

  private AccountRecord put(Put put) throws TimeoutException {
    PutAccountCall call = PutAccountCall.newBuilder().setTenant(put.tenant().bytes()).setCaller(put.caller().bytes())
        .setRequest(PutAccount.newBuilder().setRecord(put.record().bytes()).addAllDeviceWraps(put.wraps())).build();
    assertTrue(station.ask(Calls.PUT_ACCOUNT, call).hasDone());
    return put.record();
  }

  private UserStatesReply states(ByteString uid) throws TimeoutException {
    return station.ask(Calls.USER_STATES, UserStatesCall.newBuilder().addUids(uid).build());
  }

  private UserState only(Uid uid) throws TimeoutException {
    return states(uid.bytes()).getUsers(0);
  }
}
