// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.bus.Peer;
import io.e2relay.protocol.bus.Role;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// The list of nodes in PostgreSQL.
final class PostgresNodes {
  // Its own row is not among those it reads, for a statement does not see what it writes.
  private static final String BEAT = """
      WITH beat AS (
        INSERT INTO store.node AS n (node, incarnation, roles, beat_at)
        VALUES ($1::text, $2::bigint, $3::text[], clock_timestamp())
        ON CONFLICT (node) DO UPDATE
          SET incarnation = excluded.incarnation, roles = excluded.roles, beat_at = excluded.beat_at
      ), old AS (
        DELETE FROM store.node AS n
        WHERE n.node <> $1::text AND n.beat_at < clock_timestamp() - interval '1 day'
      )
      SELECT n.node, n.incarnation, n.roles
      FROM store.node AS n
      WHERE n.node <> $1::text AND n.beat_at > clock_timestamp() - $4::bigint * interval '1 millisecond'
      ORDER BY n.node""";

  private static final String LEAVE = """
      DELETE FROM store.node AS n WHERE n.node = $1::text AND n.incarnation = $2::bigint""";

  private final PostgresLines lines;
  private final Duration gone;

  PostgresNodes(PostgresLines lines, Duration gone) {
    this.lines = lines;
    this.gone = gone;
  }

  /// Lists this node as it is now; yields the others.
  Future<List<Peer>> beat(Peer self) {
    String[] roles = self.roles().stream().map(Role::name).sorted().toArray(String[]::new);
    return lines.ask(BEAT, Tuple.of(self.node(), self.incarnation(), roles, gone.toMillis())).map(PostgresNodes::peers);
  }

  Future<?> leave(Peer self) {
    return lines.ask(LEAVE, Tuple.of(self.node(), self.incarnation()));
  }

  private static List<Peer> peers(RowSet<Row> rows) {
    List<Peer> peers = new ArrayList<>();
    for (Row row : rows) {
      peers.add(new Peer(row.getString("node"), row.getLong("incarnation"), roles(row.getArrayOfStrings("roles"))));
    }
    return peers;
  }

  /// Those that this release knows.
  private static Set<Role> roles(String[] names) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (Role role : Role.values()) {
      if (List.of(names).contains(role.name())) {
        roles.add(role);
      }
    }
    return roles;
  }
}
