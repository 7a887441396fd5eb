// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import static java.util.concurrent.TimeUnit.SECONDS;
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
import io.e2relay.protocol.bus.wire.AccountChangedHint;
import io.e2relay.protocol.bus.wire.DeviceWrapsCall;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.GetAccountsCall;
import io.e2relay.protocol.bus.wire.PutAccountCall;
import io.e2relay.protocol.bus.wire.SignInCall;
import io.e2relay.protocol.bus.wire.SignInReply;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Settings;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.wire.Account;
import io.e2relay.protocol.wire.AccountQuery;
import io.e2relay.protocol.wire.DeviceLogin;
import io.e2relay.protocol.wire.PutAccount;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AccountCallsIT {
  private static final String AUDIENCE = "e2relay";

  private final Station station;
  private final String name = "anne";
  private final Owner anne = new Owner(Named.TENANT, Ids.uid(Named.TENANT, name), System.currentTimeMillis());
  private final Owner.Keys phone = Owner.Keys.make();
  private final Put first = anne.put(anne.genesis(phone));

  AccountCallsIT(Postgres postgres) throws TimeoutException {
    KeySchemas.migrate(postgres);
    station = new Station(postgres, KeyConfig.read(new Settings(Map.of("keys.timeout.ms", "10000"))));
  }

  @AfterAll
  void close() throws TimeoutException {
    station.close();
  }

  @Test
  void a_record_is_stored_told_of_and_read_back() throws Exception {
    Owner bob = new Owner(Named.TENANT, new Uid(Owner.random(Uid.BYTES)), anne.now());
    ByteString room = station.create(bob.uid).getConversation().getConversationId();
    station.accountChanged.clear();
    Owner.Keys laptop = Owner.Keys.make();
    Put record = bob.put(bob.genesis(laptop));
    assertTrue(station.ask(Calls.PUT_ACCOUNT, call(record)).hasDone());
    assertEquals(AccountChangedHint.newBuilder().setUid(bob.uid.bytes()).setLastSeq(1).addConversationIds(room).build(),
        station.accountChanged.poll(10, SECONDS));
    GetAccountsCall asked = GetAccountsCall.newBuilder().setTenant(Named.TENANT.bytes())
        .addAccounts(AccountQuery.newBuilder().setUid(bob.uid.bytes())).build();
    assertEquals(
        List.of(Account.newBuilder().setUid(bob.uid.bytes()).addRecords(record.record().bytes()).setLastSeq(1).build()),
        station.ask(Calls.GET_ACCOUNTS, asked).getAccounts().getAccountsList());
    DeviceWrapsCall wraps = DeviceWrapsCall.newBuilder().setCaller(bob.uid.bytes()).setDeviceId(laptop.id().bytes())
        .build();
    assertEquals(record.wraps().getFirst(), station.ask(Calls.DEVICE_WRAPS, wraps).getWraps().getWraps(0).getWrap());
  }

  @Test
  void bytes_that_are_no_record_are_refused_with_their_fault() throws Exception {
    PutAccountCall good = call(first);
    PutAccount short1 = good.getRequest().toBuilder()
        .setRecord(first.record().bytes().substring(0, first.record().bytes().size() - 1)).build();
    assertFault(Fault.TRUNCATED, good.toBuilder().setRequest(short1).build());
    PutAccount more = good.getRequest().toBuilder()
        .setRecord(first.record().bytes().concat(ByteString.copyFrom(new byte[1]))).build();
    assertFault(Fault.TRAILING_BYTES, good.toBuilder().setRequest(more).build());
    assertFault(Fault.WRONG_CONTEXT, good.toBuilder().setCaller(Owner.random(Uid.BYTES)).build());
  }

  @Test
  void a_device_of_the_account_has_to_prove_itself_with_the_nonce_and_for_the_audience() throws Exception {
    assertFalse(station.ask(Calls.SIGN_IN, signIn(Owner.random(16))).getDeviceProven());
    assertTrue(station.ask(Calls.PUT_ACCOUNT, call(first)).hasDone());
    ByteString nonce = Owner.random(32);
    SignInCall honest = proving(nonce, AUDIENCE);
    SignInReply reply = station.ask(Calls.SIGN_IN, honest);
    assertTrue(reply.getDeviceProven(), reply::toString);
    assertEquals(first.record().statement().device(phone.id()).orElseThrow().dsk().bytes(), reply.getDeviceKey());
    assertEquals(1, reply.getAccountSeq());

    assertUnproven(signIn(phone.id().bytes()));
    assertUnproven(honest.toBuilder().setNonce(Owner.random(32)).build());
    assertUnproven(honest.toBuilder().setAudience("elsewhere").build());
    assertUnproven(honest.toBuilder()
        .setLogin(honest.getLogin().toBuilder().setSignedMs(honest.getLogin().getSignedMs() + 1)).build());
    Owner.Keys thief = new Owner.Keys(phone.id(), Owner.Keys.make().signing(), phone.opening());
    assertUnproven(honest.toBuilder().setLogin(login(thief, nonce, AUDIENCE)).build());

    SignInReply stranger = station.ask(Calls.SIGN_IN, signIn(Owner.random(16)));
    assertFalse(stranger.getDeviceProven());
    assertEquals(1, stranger.getAccountSeq());
  }

  private void assertFault(Fault fault, PutAccountCall call) throws TimeoutException {
    DoneReply reply = station.ask(Calls.PUT_ACCOUNT, call);
    assertEquals(ErrorCode.RECORD_REFUSED, ErrorCode.of(reply.getRefusal()));
    assertEquals(fault.name(), reply.getRefusal().getFault());
  }

  private void assertUnproven(SignInCall call) throws TimeoutException {
    assertEquals(ErrorCode.DEVICE_UNPROVEN, ErrorCode.of(station.ask(Calls.SIGN_IN, call).getRefusal()));
  }

  private SignInCall signIn(ByteString device) {
    return Station.signIn(name).toBuilder().setDeviceId(device).build();
  }

  private SignInCall proving(ByteString nonce, String audience) {
    return signIn(phone.id().bytes()).toBuilder().setNonce(nonce).setAudience(audience)
        .setLogin(login(phone, nonce, audience)).build();
  }

  private DeviceLogin login(Owner.Keys device, ByteString nonce, String audience) {
    return DeviceLogin.newBuilder().setSignature(anne.login(device, nonce, audience).bytes()).setSignedMs(anne.now())
        .build();
  }

  private static PutAccountCall call(Put put) {
    return PutAccountCall.newBuilder().setTenant(put.tenant().bytes()).setCaller(put.caller().bytes())
        .setRequest(PutAccount.newBuilder().setRecord(put.record().bytes()).addAllDeviceWraps(put.wraps())).build();
  }
}
