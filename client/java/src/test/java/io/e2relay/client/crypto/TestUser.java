// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.verify.AccountChain;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// A user with one device and all keys, who can go on to the next record.
final class TestUser {
  static final long NOW_MS = 1_795_212_000_000L;
  static final TenantId TENANT = new TenantId(times(0x11, 16));

  final Account account;
  final DeviceKeys keys = DeviceKeys.generate();
  final List<AccountRecord> records = new ArrayList<>();
  final SortedMap<Long, AgreementKey> generations = new TreeMap<>();
  SigningKey ark = SigningKey.generate();
  AccountChain chain;

  TestUser(int name) {
    account = new Account(TENANT, new Uid(times(name, 16)));
    AgreementKey aek = AgreementKey.generate();
    MadeAccount first = maker().first(aek, List.of(offer(keys)), NOW_MS);
    chain = first.chain();
    take(first, aek);
  }

  AccountMaker maker() {
    return new AccountMaker(account, ark);
  }

  DeviceOffer offer(DeviceKeys of) {
    return DeviceOffer.of(account, ark.publicKey(), of);
  }

  void take(MadeAccount made, AgreementKey aek) {
    chain = made.chain();
    records.add(made.record());
    generations.put(statement().aekGen(), aek);
  }

  /// With the user's next key.
  void rotate() {
    AgreementKey next = AgreementKey.generate();
    take(maker().rotate(chain, next, NOW_MS), next);
  }

  /// With another root, as if everything before was lost.
  void reset() {
    ark = SigningKey.generate();
    AgreementKey next = AgreementKey.generate();
    take(maker().reset(chain, next, List.of(offer(keys)), new ResetBy.Nobody(), NOW_MS), next);
    SortedMap<Long, AgreementKey> kept = new TreeMap<>(generations.tailMap(statement().aekGen()));
    generations.clear();
    generations.putAll(kept);
  }

  Uid uid() {
    return account.uid();
  }

  AccountRecord record() {
    return chain.last();
  }

  AccountStatement statement() {
    return record().statement();
  }

  AgreementKey aek() {
    return generations.lastEntry().getValue();
  }

  Set<Hash> ownRecords() {
    Set<Hash> hashes = new HashSet<>();
    records.forEach(record -> hashes.add(record.hash()));
    return hashes;
  }

  EpochOpening opening() {
    return new EpochOpening(uid(), ownRecords(), generations);
  }

  /// As everybody else reads it.
  static AccountRecord again(AccountRecord record) {
    ByteString bytes = record.bytes();
    return value(AccountRecord.read(bytes));
  }
}
