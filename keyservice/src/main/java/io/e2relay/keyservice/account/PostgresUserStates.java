// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import static java.util.Objects.requireNonNull;

import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Device;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Where many users stand, in two questions to PostgreSQL.
public final class PostgresUserStates {
  private static final String STATES = """
      SELECT u.uid, u.version, r.record
      FROM keys.app_user u
      LEFT JOIN keys.account a ON a.uid = u.uid
      LEFT JOIN keys.account_record r ON r.uid = a.uid AND r.seq = a.seq
      WHERE u.uid = ANY ($1::bytea[])""";

  private static final String RETIRED = """
      SELECT uid, device_id, seen_ms, retired_seq FROM keys.device_use
      WHERE uid = ANY ($1::bytea[]) AND retired_seq IS NOT NULL""";

  private final PostgresSessions sessions;

  public PostgresUserStates(PostgresSessions sessions) {
    this.sessions = sessions;
  }

  /// Users of whom nobody has heard are left out.
  public List<UserState> of(Collection<Uid> uids) {
    return sessions.with(session -> states(session, uids));
  }

  private static List<UserState> states(PostgresSession session, Collection<Uid> uids) {
    // First what was retired: a device that retires after that is still in the answer, and not the other way round.
    Map<Uid, Map<DeviceId, DeviceUse>> retired = new HashMap<>();
    for (Row row : session.run(RETIRED, (Object) Columns.uids(uids))) {
      retired.computeIfAbsent(requireNonNull(Columns.uid(row, "uid")), _ -> new HashMap<>()).put(
          new DeviceId(requireNonNull(Columns.bytes(row, "device_id"))),
          new DeviceUse(row.getLong("seen_ms"), row.getLong("retired_seq")));
    }
    List<UserState> states = new ArrayList<>();
    for (Row row : session.run(STATES, (Object) Columns.uids(uids))) {
      Uid uid = requireNonNull(Columns.uid(row, "uid"));
      long version = row.getLong("version");
      if (row.getBuffer("record") == null) {
        states.add(new UserState(uid, version, 0, Set.of()));
      } else {
        AccountStatement account = PostgresAccounts.record(row).statement();
        states.add(new UserState(uid, version, account.seq(), devices(account, retired.getOrDefault(uid, Map.of()))));
      }
    }
    return states;
  }

  private static Set<DeviceId> devices(AccountStatement account, Map<DeviceId, DeviceUse> retired) {
    Set<DeviceId> devices = new LinkedHashSet<>();
    for (Device device : account.devices()) {
      DeviceUse use = retired.get(device.id());
      if (use == null || !use.retired(device)) {
        devices.add(device.id());
      }
    }
    return devices;
  }
}
