// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Alarms about the user's own account. They are in the vault until the user has acknowledged them: switching the
/// device off and on again makes none of them go away.
final class OwnAlarms {
  private static final String PREFIX = "account/alarm/";

  private final Vault vault;
  private final AlarmBell bell;

  OwnAlarms(Vault vault, AlarmBell bell) {
    this.vault = vault;
    this.bell = bell;
    open().forEach(bell::raise);
  }

  /// Those that nobody has acknowledged.
  List<Alarm> open() {
    return vault.keys(PREFIX).stream().flatMap(key -> vault.get(key).stream()).map(OwnAlarms::read).toList();
  }

  void raise(Alarm.OfAccount alarm) {
    raise(List.of(alarm), Map.of());
  }

  /// In one write with what goes with them.
  synchronized void raise(List<? extends Alarm.OfAccount> alarms, Map<String, Optional<ByteString>> changes) {
    Map<String, Optional<ByteString>> all = new java.util.HashMap<>(changes);
    List<Alarm> known = open();
    List<String> keys = vault.keys(PREFIX);
    long next = keys.isEmpty() ? 1 : Long.parseLong(keys.getLast().substring(PREFIX.length()), 16) + 1;
    for (Alarm.OfAccount alarm : alarms) {
      if (!known.contains(alarm)) {
        all.put(PREFIX + "%016x".formatted(next++), Optional.of(packed(alarm)));
      }
    }
    if (!all.isEmpty()) {
      vault.write(all);
    }
    alarms.forEach(bell::raise);
  }

  synchronized void acknowledge(Alarm alarm) {
    vault.keys(PREFIX).stream().filter(key -> vault.get(key).map(OwnAlarms::read).filter(alarm::equals).isPresent())
        .forEach(key -> vault.write(Map.of(key, Optional.empty())));
    bell.forget(alarm);
  }

  private static ByteString packed(Alarm.OfAccount alarm) {
    return switch (alarm) {
      case Alarm.DeviceAdded(Uid uid, DeviceId device, long seq, Instant added) -> Packed.of(Packed.number(1),
          uid.bytes(), device.bytes(), Packed.number(seq), Packed.number(added.toEpochMilli()));
      case Alarm.DeviceRemoved(Uid uid, long seq) -> Packed.of(Packed.number(2), uid.bytes(), Packed.number(seq));
      case Alarm.SecurityCodeChanged(Uid uid, boolean verified) ->
        Packed.of(Packed.number(3), uid.bytes(), Packed.flag(verified));
      case Alarm.AccountRolledBack(Uid uid, long pinned, long shown) ->
        Packed.of(Packed.number(4), uid.bytes(), Packed.number(pinned), Packed.number(shown));
      case Alarm.AccountForked(Uid uid, AccountRecord pinned, AccountRecord shown) ->
        Packed.of(Packed.number(5), uid.bytes(), pinned.bytes(), shown.bytes());
      case Alarm.AccountRefused(Uid uid, Fault fault) ->
        Packed.of(Packed.number(6), uid.bytes(), ByteString.copyFromUtf8(fault.name()));
      case Alarm.OwnKeyMissing(Uid uid, long generation) ->
        Packed.of(Packed.number(7), uid.bytes(), Packed.number(generation));
      case Alarm.SelfRefused _ -> throw new IllegalArgumentException("blocks nothing, and is not kept");
    };
  }

  private static Alarm read(ByteString bytes) {
    List<ByteString> fields = Packed.values(bytes);
    Uid uid = new Uid(fields.get(1));
    return switch ((int) Packed.number(fields.getFirst())) {
      case 1 -> new Alarm.DeviceAdded(uid, new DeviceId(fields.get(2)), Packed.number(fields.get(3)),
          Instant.ofEpochMilli(Packed.number(fields.get(4))));
      case 2 -> new Alarm.DeviceRemoved(uid, Packed.number(fields.get(2)));
      case 3 -> new Alarm.SecurityCodeChanged(uid, Packed.flag(fields.get(2)));
      case 4 -> new Alarm.AccountRolledBack(uid, Packed.number(fields.get(2)), Packed.number(fields.get(3)));
      case 5 -> new Alarm.AccountForked(uid, record(fields.get(2)), record(fields.get(3)));
      case 6 -> new Alarm.AccountRefused(uid, Fault.valueOf(fields.get(2).toStringUtf8()));
      case 7 -> new Alarm.OwnKeyMissing(uid, Packed.number(fields.get(2)));
      default -> throw new IllegalStateException("a vault of another release");
    };
  }

  private static AccountRecord record(ByteString bytes) {
    return switch (AccountRecord.read(bytes)) {
      case Reading.Read<AccountRecord>(AccountRecord record) -> record;
      case Reading.Unreadable<AccountRecord>(Fault fault) -> throw new IllegalStateException(fault.name());
    };
  }
}
