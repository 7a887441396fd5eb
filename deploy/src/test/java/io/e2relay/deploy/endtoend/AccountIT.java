// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.AccountMaker;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.DeviceLogin;
import io.e2relay.client.crypto.DeviceOffer;
import io.e2relay.client.crypto.MadeAccount;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.client.crypto.Wrapping;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.AccountChain;
import io.e2relay.protocol.wire.AccountQuery;
import io.e2relay.protocol.wire.AddMembers;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.DeviceWrap;
import io.e2relay.protocol.wire.GetAccounts;
import io.e2relay.protocol.wire.GetDeviceWraps;
import io.e2relay.protocol.wire.PutAccount;
import io.e2relay.protocol.wire.RetireDevice;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Subscribe;
import io.e2relay.protocol.wire.Welcome;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Accounts over real sockets: what honest clients do, and beside it what is refused.
final class AccountIT {
  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  private static final TenantId TENANT = new TenantId(ByteString.fromHex(TestIssuer.TENANT));

  /// Somebody with an account, and the device that made it.
  private static final class Person {
    final String name;
    final Account account;
    final SigningKey root = SigningKey.generate();
    final DeviceKeys phone = DeviceKeys.generate();

    Person(String name) {
      this.name = name;
      this.account = new Account(TENANT, Ids.uid(TENANT, name));
    }

    AccountMaker maker() {
      return new AccountMaker(account, root);
    }

    DeviceOffer offer(DeviceKeys keys) {
      return DeviceOffer.of(account, root.publicKey(), keys);
    }

    MadeAccount first(AgreementKey key) {
      return maker().first(key, List.of(offer(phone)), System.currentTimeMillis());
    }
  }

  @Test
  void two_devices_share_an_account_until_one_is_revoked_and_a_contact_verifies_the_chain() {
    Person anne = new Person("anne");
    DeviceKeys laptop = DeviceKeys.generate();
    AgreementKey key = AgreementKey.generate();
    AgreementKey nextKey = AgreementKey.generate();
    MadeAccount first = anne.first(key);
    long nowMs = System.currentTimeMillis();
    MadeAccount second = anne.maker().add(first.chain(), key, List.of(anne.offer(laptop)), nowMs);
    MadeAccount third = anne.maker().revoke(second.chain(), nextKey, Set.of(anne.phone.device()), nowMs);
    try (RawSocket phone = SERVICE.welcomed("anne"); RawSocket bob = SERVICE.welcomed("bob")) {
      follow(phone, bob);
      for (MadeAccount made : List.of(first, second, third)) {
        assertTrue(phone.ask(put(made)).hasDone());
        ServerFrame told = bob.next(ServerFrame::hasAccountChanged);
        assertEquals(anne.account.uid().bytes(), told.getAccountChanged().getUid());
        assertEquals(made.record().statement().seq(), told.getAccountChanged().getLastSeq());
      }
      List<ByteString> records = bob.ask(get(anne)).getAccounts().getAccounts(0).getRecordsList();
      assertEquals(third.chain(), verified(records));
    }
    try (RawSocket socket = RawSocket.open(SERVICE.url(), SERVICE.ca())) {
      assertTrue(login(socket, anne, laptop).getWelcome().getDeviceProven());
      List<DeviceWrap> wraps = socket.ask(wraps()).getDeviceWraps().getWrapsList();
      assertEquals(List.of(2L, 3L), wraps.stream().map(DeviceWrap::getSeq).toList());
      assertOpens(anne, laptop, second.record(), wraps.getFirst(), key);
      assertOpens(anne, laptop, third.record(), wraps.getLast(), nextKey);
    }
    Shown.line("account records=3 devices=2 revoked=1 told=3 wraps_opened=2");
  }

  @Test
  void a_token_alone_opens_no_session_of_a_device_that_is_in_the_account() {
    Person carl = new Person("carl");
    try (RawSocket phone = SERVICE.welcomed("carl")) {
      assertTrue(phone.ask(put(carl.first(AgreementKey.generate()))).hasDone());
      assertEquals(ErrorCode.DEVICE_UNPROVEN.number(), phone.ask(wraps()).getError().getCode());
    }
    try (RawSocket thief = RawSocket.open(SERVICE.url(), SERVICE.ca())) {
      ServerFrame answer = thief.ask(RawSocket.helloAs(SERVICE.token("carl"), carl.phone.device()));
      assertEquals(ErrorCode.DEVICE_UNPROVEN.number(), answer.getError().getCode());
      assertEquals(CloseCode.DEVICE_REFUSED.number(), thief.closeCode());
    }
    DeviceKeys forged = DeviceKeys.generate();
    try (RawSocket thief = RawSocket.open(SERVICE.url(), SERVICE.ca())) {
      ServerFrame challenge = thief.next(ServerFrame::hasChallenge);
      DeviceLogin login = new DeviceLogin(carl.account, carl.phone.device(), challenge.getChallenge().getNonce(),
          challenge.getChallenge().getAudience(), System.currentTimeMillis());
      ServerFrame answer = thief
          .ask(RawSocket.helloAs(SERVICE.token("carl"), carl.phone.device(), login.sign(forged), login.nowMs()));
      assertEquals(ErrorCode.DEVICE_UNPROVEN.number(), answer.getError().getCode());
    }
    try (RawSocket replayed = RawSocket.open(SERVICE.url(), SERVICE.ca())) {
      // Signed for the nonce of another connection.
      replayed.next(ServerFrame::hasChallenge);
      DeviceLogin login = new DeviceLogin(carl.account, carl.phone.device(), RawSocket.random(32), TestIssuer.AUDIENCE,
          System.currentTimeMillis());
      ServerFrame answer = replayed
          .ask(RawSocket.helloAs(SERVICE.token("carl"), carl.phone.device(), login.sign(carl.phone), login.nowMs()));
      assertEquals(ErrorCode.DEVICE_UNPROVEN.number(), answer.getError().getCode());
    }
    try (RawSocket control = RawSocket.open(SERVICE.url(), SERVICE.ca())) {
      Welcome welcome = login(control, carl, carl.phone).getWelcome();
      assertTrue(welcome.getDeviceProven());
      assertEquals(1, welcome.getAccountSeq());
      assertEquals(1, control.ask(wraps()).getDeviceWraps().getWrapsCount());
    }
    Shown.line("device_login refused=bare,forged,replayed code=DEVICE_UNPROVEN close=4503 control=proven");
  }

  @Test
  void records_that_are_none_of_this_users_next_are_refused_and_cost_the_connection_nothing() {
    Person dora = new Person("dora");
    MadeAccount first = dora.first(AgreementKey.generate());
    Person stranger = new Person("erik");
    try (RawSocket socket = SERVICE.welcomed("dora")) {
      assertFault(Fault.WRONG_CONTEXT, socket.ask(put(stranger.first(AgreementKey.generate()))));
      ByteString bytes = first.record().bytes();
      assertFault(Fault.TRUNCATED, socket.ask(put(bytes.substring(0, bytes.size() - 1), first)));
      assertFault(Fault.TRAILING_BYTES, socket.ask(put(bytes.concat(RawSocket.random(1)), first)));
      assertFault(Fault.BAD_SIGNATURE, socket.ask(put(flipped(bytes, bytes.size() - 1), first)));
    }
    try (RawSocket control = SERVICE.welcomed("dora")) {
      assertTrue(control.ask(put(first)).hasDone());
      assertTrue(control.ask(put(first)).hasDone());
      MadeAccount other = new Person("dora").first(AgreementKey.generate());
      assertEquals(ErrorCode.ACCOUNT_MOVED.number(), control.ask(put(other)).getError().getCode());
      assertTrue(control.isOpen());
    }
    Shown.line("bad_record kinds=foreign,truncated,longer,forged,second_first control=stored");
  }

  @Test
  void a_revoked_devices_socket_has_stopped_when_the_record_is_answered_and_the_others_go_on() {
    Person gina = new Person("gina");
    DeviceKeys laptop = DeviceKeys.generate();
    DeviceKeys tablet = DeviceKeys.generate();
    AgreementKey key = AgreementKey.generate();
    long nowMs = System.currentTimeMillis();
    MadeAccount first = gina.first(key);
    MadeAccount second = gina.maker().add(first.chain(), key, List.of(gina.offer(laptop), gina.offer(tablet)), nowMs);
    MadeAccount third = gina.maker().revoke(second.chain(), AgreementKey.generate(), Set.of(laptop.device()), nowMs);
    try (RawSocket registering = SERVICE.welcomed("gina")) {
      assertTrue(registering.ask(put(first)).hasDone());
      assertTrue(registering.ask(put(second)).hasDone());
    }
    try (RawSocket phone = proven(gina, gina.phone);
        RawSocket revoked = proven(gina, laptop);
        RawSocket other = proven(gina, tablet)) {
      ByteString room = phone.createConversation();
      List.of(revoked, other).forEach(socket -> subscribe(socket, room));
      assertTrue(phone.ask(put(third)).hasDone());
      // Whatever is stored from now on does not reach it, though it had asked for it.
      assertTrue(phone.ask(send(room)).hasSent());
      other.next(ServerFrame::hasMessage);
      assertEquals(CloseCode.DEVICE_REFUSED.number(), revoked.closeCode());
      assertFalse(revoked.seen(ServerFrame::hasMessage));
      assertTrue(revoked
          .seen(frame -> frame.getReplyTo() == 0 && frame.getError().getCode() == ErrorCode.DEVICE_UNPROVEN.number()));
      assertTrue(phone.isOpen() && other.isOpen());
      assertEquals(2, other.ask(wraps()).getDeviceWraps().getWrapsCount());
      assertRefused(gina, laptop);
    }
    Shown.line("revoked_socket closed=4503 messages_after_answer=0 next_hello=DEVICE_UNPROVEN control=2_devices_open");
  }

  @Test
  void a_device_that_retires_is_answered_closed_and_not_let_in_again() {
    Person hugo = new Person("hugo");
    DeviceKeys laptop = DeviceKeys.generate();
    AgreementKey key = AgreementKey.generate();
    MadeAccount first = hugo.first(key);
    try (RawSocket registering = SERVICE.welcomed("hugo")) {
      assertTrue(registering.ask(put(first)).hasDone());
      assertTrue(registering
          .ask(put(hugo.maker().add(first.chain(), key, List.of(hugo.offer(laptop)), System.currentTimeMillis())))
          .hasDone());
      assertEquals(ErrorCode.DEVICE_UNPROVEN.number(), registering.ask(retire()).getError().getCode());
    }
    try (RawSocket phone = proven(hugo, hugo.phone);
        RawSocket again = proven(hugo, hugo.phone);
        RawSocket other = proven(hugo, laptop)) {
      assertTrue(phone.ask(retire()).hasDone());
      assertEquals(CloseCode.DEVICE_REFUSED.number(), phone.closeCode());
      assertEquals(CloseCode.DEVICE_REFUSED.number(), again.closeCode());
      assertRefused(hugo, hugo.phone);
      assertEquals(1, other.ask(wraps()).getDeviceWraps().getWrapsCount());
    }
    Shown.line("retired_device sockets=2 closed=4503 next_hello=DEVICE_UNPROVEN control=other_device_open");
  }

  @Test
  void a_bot_gets_no_account() {
    Person robot = new Person("robot");
    MadeAccount first = robot.first(AgreementKey.generate());
    try (RawSocket socket = RawSocket.welcomed(SERVICE.url(), SERVICE.ca(), SERVICE.botToken("robot"))) {
      assertEquals(ErrorCode.NOT_ALLOWED.number(), socket.ask(put(first)).getError().getCode());
    }
    try (RawSocket control = SERVICE.welcomed("robot")) {
      assertTrue(control.ask(put(first)).hasDone());
    }
    Shown.line("bot put_account=NOT_ALLOWED control=same_user_without_the_claim");
  }

  private static RawSocket proven(Person person, DeviceKeys keys) {
    RawSocket socket = RawSocket.open(SERVICE.url(), SERVICE.ca());
    assertTrue(login(socket, person, keys).getWelcome().getDeviceProven());
    return socket;
  }

  private static void assertRefused(Person person, DeviceKeys keys) {
    try (RawSocket socket = RawSocket.open(SERVICE.url(), SERVICE.ca())) {
      assertEquals(ErrorCode.DEVICE_UNPROVEN.number(), login(socket, person, keys).getError().getCode());
      assertEquals(CloseCode.DEVICE_REFUSED.number(), socket.closeCode());
    }
  }

  private static void subscribe(RawSocket socket, ByteString room) {
    assertTrue(socket
        .ask(ClientFrame.newBuilder()
            .setSubscribe(Subscribe.newBuilder().addCursors(Cursor.newBuilder().setConversationId(room))))
        .hasSubscribed());
    socket.next(ServerFrame::hasCaughtUp);
  }

  private static ClientFrame.Builder send(ByteString room) {
    return ClientFrame.newBuilder().setSend(Send.newBuilder().setConversationId(room).setMsgId(RawSocket.random(16))
        .setBody(ByteString.copyFromUtf8("hello")));
  }

  private static ClientFrame.Builder retire() {
    return ClientFrame.newBuilder().setRetireDevice(RetireDevice.getDefaultInstance());
  }

  private static void follow(RawSocket phone, RawSocket bob) {
    ByteString room = phone.createConversation();
    assertTrue(phone
        .ask(ClientFrame.newBuilder()
            .setAddMembers(AddMembers.newBuilder().setConversationId(room).addMembers(Ids.uid(TENANT, "bob").bytes())))
        .hasConversation());
    assertTrue(bob
        .ask(ClientFrame.newBuilder()
            .setSubscribe(Subscribe.newBuilder().addCursors(Cursor.newBuilder().setConversationId(room))))
        .hasSubscribed());
  }

  private static ServerFrame login(RawSocket socket, Person person, DeviceKeys keys) {
    ServerFrame challenge = socket.next(ServerFrame::hasChallenge);
    DeviceLogin login = new DeviceLogin(person.account, keys.device(), challenge.getChallenge().getNonce(),
        challenge.getChallenge().getAudience(), System.currentTimeMillis());
    return socket.ask(RawSocket.helloAs(SERVICE.token(person.name), keys.device(), login.sign(keys), login.nowMs()));
  }

  private static void assertOpens(Person person, DeviceKeys device, AccountRecord record, DeviceWrap wrap,
      AgreementKey expected) {
    var what = new Wrapping.DeviceWrap(TENANT, person.account.uid(), device.device(), record.statement().aekGen(),
        record.hash());
    Reading<AgreementKey> opened = Wrapping.unwrap(device.agreement(), what, record.statement().aek(), wrap.getWrap());
    assertEquals(expected.publicKey(), ((Reading.Read<AgreementKey>) opened).value().publicKey());
  }

  private static AccountChain verified(List<ByteString> records) {
    AccountChain chain = null;
    for (ByteString bytes : records) {
      AccountRecord record = ((Reading.Read<AccountRecord>) AccountRecord.read(bytes)).value();
      Reading<AccountChain> next = chain == null ? AccountChain.from(record) : chain.next(record);
      chain = ((Reading.Read<AccountChain>) next).value();
    }
    if (chain == null) {
      throw new AssertionError("no records");
    }
    return chain;
  }

  private static void assertFault(Fault fault, ServerFrame answer) {
    assertEquals(ErrorCode.RECORD_REFUSED.number(), answer.getError().getCode());
    assertEquals(fault.name(), answer.getError().getFault());
  }

  private static ByteString flipped(ByteString bytes, int at) {
    byte[] copy = bytes.toByteArray();
    copy[at] ^= 1;
    return ByteString.copyFrom(copy);
  }

  private static ClientFrame.Builder put(MadeAccount made) {
    return put(made.record().bytes(), made);
  }

  private static ClientFrame.Builder put(ByteString record, MadeAccount made) {
    PutAccount.Builder put = PutAccount.newBuilder().setRecord(record);
    for (Device device : made.record().statement().devices()) {
      put.addDeviceWraps(made.wraps().get(device.id()));
    }
    return ClientFrame.newBuilder().setPutAccount(put);
  }

  private static ClientFrame.Builder get(Person person) {
    return ClientFrame.newBuilder().setGetAccounts(
        GetAccounts.newBuilder().addAccounts(AccountQuery.newBuilder().setUid(person.account.uid().bytes())));
  }

  private static ClientFrame.Builder wraps() {
    return ClientFrame.newBuilder().setGetDeviceWraps(GetDeviceWraps.getDefaultInstance());
  }
}
