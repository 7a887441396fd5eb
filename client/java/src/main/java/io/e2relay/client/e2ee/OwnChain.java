// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.PinnedAccount;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.AccountChain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The user's own account as this device has verified it, pinned in the vault. Whatever the service shows that is older
/// or other, and every device in it that this one did not add, is an alarm.
final class OwnChain {
  private static final String RECORD = "account/record/";
  private static final String EXPECTED = "account/expected/";

  private final Account owner;
  private final Vault vault;
  private final OwnAlarms alarms;
  private volatile List<AccountRecord> records = List.of();
  private volatile Optional<AccountChain> chain = Optional.empty();

  OwnChain(Account owner, Vault vault, OwnAlarms alarms) {
    this.owner = owner;
    this.vault = vault;
    this.alarms = alarms;
    List<ByteString> pinned = vault.keys(RECORD).stream().flatMap(key -> vault.get(key).stream()).toList();
    switch (ShownChain.verified(owner, pinned)) {
      case Reading.Read<ShownChain>(ShownChain read) -> know(read);
      case Reading.Unreadable<ShownChain>(Fault fault) -> throw new IllegalStateException("pinned, yet " + fault);
    }
  }

  Account owner() {
    return owner;
  }

  boolean isKnown() {
    return chain.isPresent();
  }

  List<AccountRecord> records() {
    return records;
  }

  AccountChain chain() {
    return chain.orElseThrow(() -> new IllegalStateException("this device is in no account"));
  }

  AccountStatement statement() {
    return chain().last().statement();
  }

  /// The public part of a generation of the user's key.
  Optional<Point> generation(long generation) {
    return records.stream().map(AccountRecord::statement).filter(record -> record.aekGen() == generation).findFirst()
        .map(AccountStatement::aek);
  }

  /// Whether the account has this device with these keys.
  boolean has(DeviceKeys keys) {
    return isKnown() && statement().device(keys.device()).filter(device -> same(device, keys)).isPresent();
  }

  /// What the user has seen of it with the password or the code at hand: all devices in it are as they should be.
  void trust(ShownChain shown, Map<String, Optional<ByteString>> besides) {
    Map<String, Optional<ByteString>> changes = new HashMap<>(besides);
    shown.records().forEach(record -> changes.put(key(record), Optional.of(record.bytes())));
    vault.write(changes);
    know(shown);
  }

  /// Is about to be added by this device, which shall not be alarmed of its own doing even if it is switched off now.
  void expect(Point dsk, Point dek) {
    vault.write(Map.of(EXPECTED + Packed.name(dsk.bytes()), Optional.of(dek.bytes())));
  }

  /// Takes what the service shows now, or raises alarms.
  void look(Service service, DeviceKeys me) {
    long pinned = statement().seq();
    // The pinned record is asked for again, so that another one in its place shows itself.
    ShownChain.Answer answer = ShownChain.ask(service, owner.uid(), pinned - 1);
    if (answer.lastSeq() < pinned) {
      alarms.raise(new Alarm.AccountRolledBack(owner.uid(), pinned, answer.lastSeq()));
      return;
    }
    switch (answer.read()) {
      case Reading.Unreadable<List<AccountRecord>>(Fault fault) ->
        alarms.raise(new Alarm.AccountRefused(owner.uid(), fault));
      case Reading.Read<List<AccountRecord>>(List<AccountRecord> shown) -> meet(shown, me);
    }
  }

  private void meet(List<AccountRecord> shown, DeviceKeys me) {
    switch (PinnedAccount.first(chain()).meet(shown)) {
      case PinnedAccount.News.Refused(Fault fault) -> alarms.raise(new Alarm.AccountRefused(owner.uid(), fault));
      case PinnedAccount.News.Forked(AccountRecord pinned, AccountRecord other) ->
        alarms.raise(new Alarm.AccountForked(owner.uid(), pinned, other));
      case PinnedAccount.News.Changed(PinnedAccount account, List<AccountRecord> fresh, boolean rootChanged) -> {
        if (!fresh.isEmpty()) {
          take(account.chain(), fresh, rootChanged, me);
        }
      }
    }
  }

  private void take(AccountChain longer, List<AccountRecord> fresh, boolean rootChanged, DeviceKeys me) {
    Map<String, Optional<ByteString>> changes = new HashMap<>();
    List<Alarm.OfAccount> raised = new ArrayList<>();
    if (rootChanged) {
      raised.add(new Alarm.SecurityCodeChanged(owner.uid(), false));
    }
    AccountStatement before = statement();
    for (AccountRecord record : fresh) {
      changes.put(key(record), Optional.of(record.bytes()));
      for (Device device : record.statement().devices()) {
        if (before.device(device.id()).isEmpty() && !same(device, me) && !expected(device, changes)) {
          raised.add(new Alarm.DeviceAdded(owner.uid(), device.id(), record.statement().seq(),
              java.time.Instant.ofEpochMilli(record.statement().createdMs())));
        }
      }
      if (before.device(me.device()).isPresent() && record.statement().device(me.device()).isEmpty()) {
        raised.add(new Alarm.DeviceRemoved(owner.uid(), record.statement().seq()));
      }
      before = record.statement();
    }
    alarms.raise(raised, changes);
    List<AccountRecord> all = new ArrayList<>(records);
    all.addAll(fresh);
    know(new ShownChain(all, Optional.of(longer)));
  }

  private boolean expected(Device device, Map<String, Optional<ByteString>> changes) {
    String key = EXPECTED + Packed.name(device.dsk().bytes());
    if (vault.get(key).filter(device.dek().bytes()::equals).isEmpty()) {
      return false;
    }
    changes.put(key, Optional.empty());
    return true;
  }

  private void know(ShownChain shown) {
    records = shown.records();
    chain = shown.chain();
  }

  private static boolean same(Device device, DeviceKeys keys) {
    return device.id().equals(keys.device()) && device.dsk().equals(keys.signing().publicKey())
        && device.dek().equals(keys.agreement().publicKey());
  }

  private static String key(AccountRecord record) {
    return RECORD + "%016x".formatted(requireNonNull(record).statement().seq());
  }
}
