// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.AccountChain;
import io.e2relay.protocol.wire.AccountQuery;
import io.e2relay.protocol.wire.Accounts;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.GetAccounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A whole account that was verified from its first record on; nothing if there is none.
record ShownChain(List<AccountRecord> records, Optional<AccountChain> chain) {
  // Each record is one change of devices or keys by the user.
  private static final int RECORDS_MAX = 10_000;

  ShownChain {
    records = List.copyOf(records);
  }

  boolean isEmpty() {
    return chain.isEmpty();
  }

  /// Whether this device is in it.
  boolean has(DeviceKeys keys) {
    return newest().statement().device(keys.device()).filter(
        device -> device.dsk().equals(keys.signing().publicKey()) && device.dek().equals(keys.agreement().publicKey()))
        .isPresent();
  }

  AccountRecord newest() {
    return records.getLast();
  }

  /// What the service has behind a place: as bytes, since nobody has looked at them.
  record Answer(List<ByteString> records, long lastSeq) {
    Reading<List<AccountRecord>> read() {
      List<AccountRecord> read = new ArrayList<>();
      for (ByteString bytes : records) {
        switch (AccountRecord.read(bytes)) {
          case Reading.Read<AccountRecord>(AccountRecord record) -> read.add(record);
          case Reading.Unreadable<AccountRecord>(Fault fault) -> {
            return new Reading.Unreadable<>(fault);
          }
        }
      }
      return new Reading.Read<>(read);
    }
  }

  static Answer ask(Service service, Uid uid, long after) {
    List<ByteString> records = new ArrayList<>();
    Accounts page;
    long last = 0;
    int before;
    do {
      before = records.size();
      page = service
          .ask(ClientFrame.newBuilder()
              .setGetAccounts(GetAccounts.newBuilder()
                  .addAccounts(AccountQuery.newBuilder().setUid(uid.bytes()).setAfterSeq(after + before))))
          .getAccounts();
      for (var account : page.getAccountsList()) {
        if (account.getUid().equals(uid.bytes())) {
          records.addAll(account.getRecordsList());
          last = account.getLastSeq();
        }
      }
    } while (after + records.size() < last && records.size() > before && records.size() < RECORDS_MAX);
    return new Answer(records, last);
  }

  /// All of it, as the service shows it now.
  static Reading<ShownChain> of(Service service, Account owner) {
    return verified(owner, ask(service, owner.uid(), 0).records());
  }

  static Reading<ShownChain> verified(Account owner, List<ByteString> bytes) {
    return switch (new Answer(bytes, 0).read()) {
      case Reading.Unreadable<List<AccountRecord>>(Fault fault) -> new Reading.Unreadable<>(fault);
      case Reading.Read<List<AccountRecord>>(List<AccountRecord> records) -> verify(owner, records);
    };
  }

  private static Reading<ShownChain> verify(Account owner, List<AccountRecord> records) {
    Optional<AccountChain> chain = Optional.empty();
    for (AccountRecord record : records) {
      if (!record.statement().tenant().equals(owner.tenant()) || !record.statement().uid().equals(owner.uid())) {
        return new Reading.Unreadable<>(Fault.WRONG_CONTEXT);
      }
      switch (chain.map(before -> before.next(record)).orElseGet(() -> AccountChain.from(record))) {
        case Reading.Read<AccountChain>(AccountChain longer) -> {
          if (chain.filter(longer::equals).isPresent()) {
            // One record twice is no chain: each has its place by its number.
            return new Reading.Unreadable<>(Fault.BROKEN_CHAIN);
          }
          chain = Optional.of(longer);
        }
        case Reading.Unreadable<AccountChain>(Fault fault) -> {
          return new Reading.Unreadable<>(fault);
        }
      }
    }
    return new Reading.Read<>(new ShownChain(records, chain));
  }
}
