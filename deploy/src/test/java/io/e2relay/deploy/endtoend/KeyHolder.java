// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.AccountMaker;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.ConversationMaker;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.DeviceLogin;
import io.e2relay.client.crypto.DeviceOffer;
import io.e2relay.client.crypto.EpochOpening;
import io.e2relay.client.crypto.MadeAccount;
import io.e2relay.client.crypto.ResetBy;
import io.e2relay.client.crypto.RosterMember;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.verify.Accounts;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.PutAccount;
import io.e2relay.protocol.wire.ServerFrame;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Somebody with an account and one device, as an honest client keeps them.
final class KeyHolder {
  static final TenantId TENANT = new TenantId(ByteString.fromHex(TestIssuer.TENANT));

  final String name;
  final DeviceKeys phone;
  private final Account account;
  private final MadeAccount first;

  KeyHolder(String name) {
    AgreementKey key = AgreementKey.generate();
    SigningKey root = SigningKey.generate();
    this.name = name;
    this.account = new Account(TENANT, Ids.uid(TENANT, name));
    this.phone = DeviceKeys.generate().with(1, key);
    this.first = new AccountMaker(account, root).first(key, List.of(DeviceOffer.of(account, root.publicKey(), phone)),
        System.currentTimeMillis());
  }

  /// The records of all of these, as somebody knows them who has verified them.
  static Accounts known(List<KeyHolder> all) {
    return new Accounts() {
      @Override
      public Optional<AccountRecord> record(Uid uid, long seq) {
        return newest(uid).filter(record -> record.statement().seq() == seq);
      }

      @Override
      public Optional<AccountRecord> newest(Uid uid) {
        return all.stream().filter(one -> one.uid().equals(uid)).map(KeyHolder::record).findFirst();
      }
    };
  }

  Uid uid() {
    return account.uid();
  }

  AccountRecord record() {
    return first.record();
  }

  /// The account begun anew with another device, by this phone, which stays in it.
  MadeAccount reset(DeviceKeys laptop, AgreementKey key, SigningKey root) {
    return new AccountMaker(account, root).reset(first.chain(), key,
        List.of(DeviceOffer.of(account, root.publicKey(), phone), DeviceOffer.of(account, root.publicKey(), laptop)),
        new ResetBy.Device(phone), System.currentTimeMillis());
  }

  RosterMember as(RosterRole role, RosterState state) {
    return new RosterMember(uid(), role, state);
  }

  ConversationMaker maker(List<KeyHolder> all) {
    return new ConversationMaker(phone, record(), known(all));
  }

  EpochOpening opening() {
    return new EpochOpening(uid(), Set.of(record().hash()), phone.generations());
  }

  ClientFrame.Builder put() {
    return ClientFrame.newBuilder().setPutAccount(
        PutAccount.newBuilder().setRecord(record().bytes()).addDeviceWraps(first.wrapFor(phone.device())));
  }

  /// Makes the account, and comes back on the device that is in it now.
  RawSocket register(ServiceExtension service) {
    try (RawSocket before = service.welcomed(name)) {
      ServerFrame answer = before.ask(put());
      if (!answer.hasDone()) {
        throw new AssertionError("no account: " + answer.getError());
      }
    }
    return enter(service);
  }

  /// On the device that is in the account, with its proof.
  RawSocket enter(ServiceExtension service) {
    RawSocket socket = RawSocket.open(service.url(), service.ca());
    ServerFrame challenge = socket.next(ServerFrame::hasChallenge);
    DeviceLogin login = new DeviceLogin(account, phone.device(), challenge.getChallenge().getNonce(),
        challenge.getChallenge().getAudience(), System.currentTimeMillis());
    ServerFrame answer = socket
        .ask(RawSocket.helloAs(service.token(name), phone.device(), login.sign(phone), login.nowMs()));
    if (!answer.getWelcome().getDeviceProven()) {
      throw new AssertionError("not proven: " + answer);
    }
    return socket;
  }
}
