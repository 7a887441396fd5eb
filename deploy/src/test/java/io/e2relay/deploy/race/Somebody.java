// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.race;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.AccountMaker;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.ConversationMaker;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.DeviceOffer;
import io.e2relay.client.crypto.MadeAccount;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.PutAccountCall;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.verify.Accounts;
import io.e2relay.protocol.wire.PutAccount;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/// A user with two devices: one that does everything, and one that can be revoked.
final class Somebody {
  private final Account account;
  private final SigningKey root = SigningKey.generate();
  private final DeviceKeys keys = DeviceKeys.generate();
  private final DeviceKeys spare = DeviceKeys.generate();
  private final List<AccountRecord> records = new CopyOnWriteArrayList<>();
  private MadeAccount newest;

  Somebody(TenantId tenant, Uid uid) {
    account = new Account(tenant, uid);
    newest = maker().first(AgreementKey.generate(), List.of(offer(keys), offer(spare)), System.currentTimeMillis());
    records.add(newest.record());
  }

  Uid uid() {
    return account.uid();
  }

  DeviceKeys keys() {
    return keys;
  }

  AccountRecord record() {
    return records.getLast();
  }

  Optional<AccountRecord> record(long seq) {
    return records.stream().filter(record -> record.statement().seq() == seq).findFirst();
  }

  synchronized void register(KeyStation station) {
    if (put(station, newest).hasRefusal()) {
      throw new AssertionError("a first record is refused");
    }
  }

  /// Gets another key: the first time by revoking the spare device, then by turning it.
  synchronized DoneReply turn(KeyStation station) {
    long nowMs = System.currentTimeMillis();
    boolean spared = newest.record().statement().devices().size() > 1;
    MadeAccount next = spared
        ? maker().revoke(newest.chain(), AgreementKey.generate(), Set.of(spare.device()), nowMs)
        : maker().rotate(newest.chain(), AgreementKey.generate(), nowMs);
    DoneReply reply = put(station, next);
    if (!reply.hasRefusal()) {
      newest = next;
      records.add(next.record());
    }
    return reply;
  }

  ConversationMaker conversations(Accounts accounts) {
    return new ConversationMaker(keys, record(), accounts);
  }

  private DoneReply put(KeyStation station, MadeAccount made) {
    List<ByteString> wraps = made.record().statement().devices().stream().map(device -> made.wrapFor(device.id()))
        .toList();
    return station.ask(Calls.PUT_ACCOUNT,
        PutAccountCall.newBuilder().setTenant(account.tenant().bytes()).setCaller(account.uid().bytes())
            .setRequest(PutAccount.newBuilder().setRecord(made.record().bytes()).addAllDeviceWraps(wraps)).build());
  }

  private AccountMaker maker() {
    return new AccountMaker(account, root);
  }

  private DeviceOffer offer(DeviceKeys device) {
    return DeviceOffer.of(account, root.publicKey(), device);
  }
}
