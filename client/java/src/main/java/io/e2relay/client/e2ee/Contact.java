// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.PinnedAccount;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.AccountChain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What this device remembers of somebody: the verified records, and what people said about who it is. Its lost mark
/// stays until they say so again.
record Contact(PinnedAccount pinned, List<AccountRecord> records, boolean lostVerification, Hash accepted) {
  Contact {
    records = List.copyOf(records);
  }

  static Contact first(AccountChain chain, List<AccountRecord> records) {
    return new Contact(PinnedAccount.first(chain), records, false, Hash.NONE);
  }

  /// With what the service showed since.
  Contact with(PinnedAccount account, List<AccountRecord> fresh) {
    List<AccountRecord> all = new ArrayList<>(records);
    all.addAll(fresh);
    boolean sameRoot = root(account.chain().last()).equals(root());
    boolean lost = lostVerification || (pinned.verified() && !sameRoot);
    return new Contact(new PinnedAccount(account.chain(), pinned.verified() && sameRoot), all, lost, accepted);
  }

  /// After the safety number was compared.
  Contact compared() {
    return new Contact(pinned.compared(), records, false, root());
  }

  /// People say that these are still the same person's keys.
  Contact asAccepted() {
    return new Contact(pinned, records, lostVerification, root());
  }

  AccountRecord newest() {
    return pinned.chain().last();
  }

  Optional<AccountRecord> record(long seq) {
    return seq >= 1 && seq <= records.size() ? Optional.of(records.get((int) seq - 1)) : Optional.empty();
  }

  Hash root() {
    return root(newest());
  }

  static Hash root(AccountRecord record) {
    return Hash.of(record.statement().ark().bytes());
  }

  /// What is to be written when this takes the place of one with so many records.
  Map<String, Optional<ByteString>> changes(int known) {
    Map<String, Optional<ByteString>> changes = new HashMap<>();
    Uid uid = newest().statement().uid();
    changes.put(prefix(uid) + "pin", Optional.of(Packed.of(Packed.number(records.size()),
        Packed.flag(pinned.verified()), Packed.flag(lostVerification), accepted.bytes())));
    for (int i = known; i < records.size(); i++) {
      changes.put(recordKey(uid, i + 1L), Optional.of(records.get(i).bytes()));
    }
    return changes;
  }

  static Optional<Contact> read(Vault vault, Uid uid) {
    return vault.get(prefix(uid) + "pin").map(Packed::values).map(pin -> {
      List<AccountRecord> records = new ArrayList<>();
      for (long seq = 1; seq <= Packed.number(pin.getFirst()); seq++) {
        records.add(read(AccountRecord.read(vault.get(recordKey(uid, seq)).orElse(ByteString.EMPTY))));
      }
      AccountChain chain = read(AccountChain.from(records.getFirst()));
      for (AccountRecord record : records) {
        chain = read(chain.next(record));
      }
      return new Contact(new PinnedAccount(chain, Packed.flag(pin.get(1))), records, Packed.flag(pin.get(2)),
          new Hash(pin.get(3)));
    });
  }

  private static String prefix(Uid uid) {
    return "contact/" + Packed.name(uid.bytes()) + "/";
  }

  private static String recordKey(Uid uid, long seq) {
    return prefix(uid) + "%016x".formatted(seq);
  }

  private static <T> T read(Reading<T> written) {
    return switch (written) {
      case Reading.Read<T>(T value) -> value;
      case Reading.Unreadable<T>(var fault) -> throw new IllegalStateException("the vault holds no contact: " + fault);
    };
  }
}
