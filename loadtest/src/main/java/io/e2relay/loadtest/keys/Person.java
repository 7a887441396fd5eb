// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.keys;

import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.AccountMaker;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.DeviceLogin;
import io.e2relay.client.crypto.DeviceOffer;
import io.e2relay.client.crypto.MadeAccount;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.record.Signer;
import io.e2relay.protocol.wire.Challenge;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Hello;
import io.e2relay.protocol.wire.PutAccount;
import java.util.List;

/// Somebody with one device, and the first record of an account, which the service need not have yet.
final class Person {
  private final String name;
  private final Account account;
  private final DeviceKeys phone = DeviceKeys.generate();
  private final MadeAccount first;

  Person(TenantId tenant, String name) {
    SigningKey root = SigningKey.generate();
    this.name = name;
    this.account = new Account(tenant, Ids.uid(tenant, name));
    this.first = new AccountMaker(account, root).first(AgreementKey.generate(),
        List.of(DeviceOffer.of(account, root.publicKey(), phone)), System.currentTimeMillis());
  }

  Uid uid() {
    return account.uid();
  }

  DeviceKeys phone() {
    return phone;
  }

  AccountRecord record() {
    return first.record();
  }

  Signer signer() {
    return new Signer(uid(), phone.device(), record().statement().seq());
  }

  RosterEntry active(RosterRole role) {
    return new RosterEntry(uid(), role, RosterState.ACTIVE,
        new AccountKey(record().statement().seq(), record().hash(), record().statement().aekGen()));
  }

  /// As long as nobody knows of an account.
  RosterEntry pending() {
    return new RosterEntry(uid(), RosterRole.MEMBER, RosterState.PENDING, AccountKey.NONE);
  }

  ClientFrame.Builder putAccount() {
    return ClientFrame.newBuilder().setPutAccount(
        PutAccount.newBuilder().setRecord(record().bytes()).addDeviceWraps(first.wrapFor(phone.device())));
  }

  /// What the service verifies before it takes the record: the root's signature, and the device's.
  List<Verification> verifications() {
    AccountStatement statement = record().statement();
    return List.of(new Verification(statement.ark(), "account", statement.tbs(), record().byRoot()),
        new Verification(phone.signing().publicKey(), "dev-pop", statement.possession(statement.devices().getFirst()),
            record().pops().getFirst()));
  }

  /// On the device, which is in no account yet.
  Line arrive(Door door) {
    Line line = door.open();
    line.challenge();
    line.ask(ClientFrame.newBuilder().setHello(hello(door)));
    return line;
  }

  /// On the device of the account, with its proof.
  Line enter(Door door) {
    Line line = door.open();
    Challenge challenge = line.challenge().getChallenge();
    DeviceLogin login = new DeviceLogin(account, phone.device(), challenge.getNonce(), challenge.getAudience(),
        System.currentTimeMillis());
    line.ask(ClientFrame.newBuilder().setHello(hello(door).setLogin(io.e2relay.protocol.wire.DeviceLogin.newBuilder()
        .setSignature(login.sign(phone).bytes()).setSignedMs(login.nowMs()))));
    return line;
  }

  private Hello.Builder hello(Door door) {
    return Hello.newBuilder().setToken(door.token(name)).setDeviceId(phone.device().bytes()).setClient("bench");
  }
}
