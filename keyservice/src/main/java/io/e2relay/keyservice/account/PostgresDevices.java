// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import static io.e2relay.keyservice.database.Columns.buffer;
import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Device;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The devices of accounts in PostgreSQL: when they were here, and which of them are done.
final class PostgresDevices {
  private static final String ARRIVE = """
      SELECT r.record, d.seen_ms, d.retired_seq, u.bot
      FROM (VALUES ($1::bytea, $2::bytea)) AS q(uid, device_id)
      LEFT JOIN keys.account a ON a.uid = q.uid
      LEFT JOIN keys.account_record r ON r.uid = a.uid AND r.seq = a.seq
      LEFT JOIN keys.device_use d ON d.uid = q.uid AND d.device_id = q.device_id
      LEFT JOIN keys.app_user u ON u.uid = q.uid""";

  private static final String BOT = """
      UPDATE keys.app_user SET bot = $2::boolean WHERE uid = $1::bytea""";

  private static final String SAW = """
      INSERT INTO keys.device_use AS d (uid, device_id, seen_ms) VALUES ($1::bytea, $2::bytea, $3::bigint)
      ON CONFLICT (uid, device_id) DO UPDATE SET seen_ms = greatest(d.seen_ms, excluded.seen_ms)""";

  // With the lock that a put takes, so that the newest record is the newest.
  private static final String HOLD = """
      SELECT seq FROM keys.account WHERE uid = $1::bytea FOR UPDATE""";

  private static final String RETIRE = """
      INSERT INTO keys.device_use AS d (uid, device_id, seen_ms, retired_ms, retired_seq)
      VALUES ($1::bytea, $2::bytea, $3::bigint, $3::bigint, $4::bigint)
      ON CONFLICT (uid, device_id) DO UPDATE
        SET retired_ms = excluded.retired_ms, retired_seq = excluded.retired_seq""";

  private static final String UNWRAP = """
      DELETE FROM keys.device_wrap WHERE uid = $1::bytea AND device_id = $2::bytea""";

  private static final String NEWEST = """
      SELECT r.record FROM keys.account a JOIN keys.account_record r ON r.uid = a.uid AND r.seq = a.seq
      WHERE a.uid = $1::bytea""";

  private static final String RETIRED = """
      SELECT device_id, seen_ms, retired_seq FROM keys.device_use WHERE uid = $1::bytea AND retired_seq IS NOT NULL""";

  private static final String STRICT = """
      SELECT strict FROM keys.account WHERE uid = $1::bytea""";

  private PostgresDevices() {
  }

  static Accounts.Arrival arrive(PostgresSession session, Uid uid, DeviceId device, boolean bot) {
    Row row = requireNonNull(session.first(ARRIVE, buffer(uid.bytes()), buffer(device.bytes())));
    if (!Boolean.valueOf(bot).equals(row.getBoolean("bot"))) {
      session.run(BOT, buffer(uid.bytes()), bot);
    }
    return new Accounts.Arrival(row.getBuffer("record") == null ? null : PostgresAccounts.record(row), use(row));
  }

  static @Nullable Void saw(PostgresSession session, Uid uid, DeviceId device, long nowMs) {
    Row newest = session.first(NEWEST, buffer(uid.bytes()));
    if (newest != null && PostgresAccounts.record(newest).statement().device(device).isPresent()) {
      session.run(SAW, buffer(uid.bytes()), buffer(device.bytes()), nowMs);
    }
    return null;
  }

  static @Nullable Void retire(PostgresSession session, Uid uid, DeviceId device, long nowMs) {
    session.begin();
    Row head = session.first(HOLD, buffer(uid.bytes()));
    if (head != null) {
      session.run(RETIRE, buffer(uid.bytes()), buffer(device.bytes()), nowMs, head.getLong("seq"));
      session.run(UNWRAP, buffer(uid.bytes()), buffer(device.bytes()));
      session.commit();
    }
    return null;
  }

  static Set<DeviceId> devices(PostgresSession session, Uid uid) {
    Buffer user = buffer(uid.bytes());
    Row newest = session.first(NEWEST, user);
    if (newest == null) {
      return Set.of();
    }
    Map<ByteString, DeviceUse> retired = new HashMap<>();
    for (Row row : session.run(RETIRED, user)) {
      retired.put(requireNonNull(Columns.bytes(row, "device_id")), requireNonNull(use(row)));
    }
    Set<DeviceId> devices = new LinkedHashSet<>();
    for (Device device : PostgresAccounts.record(newest).statement().devices()) {
      DeviceUse use = retired.get(device.id().bytes());
      if (use == null || !use.retired(device)) {
        devices.add(device.id());
      }
    }
    return devices;
  }

  static boolean strict(PostgresSession session, Uid uid) {
    Row row = session.first(STRICT, buffer(uid.bytes()));
    return row != null && row.getBoolean("strict");
  }

  private static @Nullable DeviceUse use(Row row) {
    Long seenMs = row.getLong("seen_ms");
    return seenMs == null ? null : new DeviceUse(seenMs, requireNonNullElse(row.getLong("retired_seq"), 0L));
  }
}
