// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.bus.Peer;
import io.e2relay.protocol.bus.Role;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// The list of nodes in PostgreSQL.
final class PostgresNodes {
  /// What a node learns when it says that it is there.
  sealed interface Standing {
    /// It is listed, and so are these others.
    record Listed(List<Peer> others) implements Standing {
    }

    /// Another one has its name.
    record Held(Holder holder) implements Standing {
    }
  }

  /// Who has a name, and when they last said so; the clock is the database's.
  record Holder(long incarnation, OffsetDateTime beatAt, String place) {
  }

  // Its own row is not among those it reads, for a statement does not see what it writes; unless somebody else has it.
  private static final String BEAT = """
      WITH beat AS (
        INSERT INTO store.node AS n (node, incarnation, roles, beat_at, place)
        VALUES ($1::text, $2::bigint, $3::text[], clock_timestamp(), $6::text)
        ON CONFLICT (node) DO UPDATE
          SET incarnation = excluded.incarnation, roles = excluded.roles, beat_at = excluded.beat_at,
            place = excluded.place
          WHERE n.incarnation = excluded.incarnation
            OR n.beat_at <= clock_timestamp() - $5::bigint * interval '1 millisecond'
        RETURNING n.node
      ), old AS (
        DELETE FROM store.node AS n
        WHERE n.node <> $1::text AND n.beat_at < clock_timestamp() - interval '1 day'
      )
      SELECT k.kept, n.node, n.incarnation, n.roles, n.beat_at, n.place
      FROM (SELECT count(*) AS kept FROM beat) AS k
      LEFT JOIN store.node AS n ON CASE
        WHEN n.node = $1::text THEN k.kept = 0
        ELSE n.beat_at > clock_timestamp() - $4::bigint * interval '1 millisecond'
      END
      ORDER BY n.node""";

  private static final String LEAVE = """
      DELETE FROM store.node AS n WHERE n.node = $1::text AND n.incarnation = $2::bigint""";

  // Taken a moment ago, after the statement had begun to read.
  private static final Holder UNSEEN = new Holder(0, OffsetDateTime.MIN, "");
  // A name is free again after this time at the latest, whatever the setting says.
  private static final Duration HELD_MAX = Duration.ofSeconds(10);

  private final PostgresLines lines;
  private final Duration gone;
  private final String place;

  /// @param place where this node runs, for people
  PostgresNodes(PostgresLines lines, Duration gone, String place) {
    this.lines = lines;
    this.gone = gone;
    this.place = place;
  }

  /// Lists this node as it is now, unless another one that counts as alive has its name.
  Future<Standing> beat(Peer self) {
    String[] roles = self.roles().stream().map(Role::name).sorted().toArray(String[]::new);
    long heldMs = Math.min(gone.toMillis(), HELD_MAX.toMillis());
    return lines.ask(BEAT, Tuple.of(self.node(), self.incarnation(), roles, gone.toMillis(), heldMs, place))
        .map(rows -> standing(self.node(), rows));
  }

  Future<?> leave(Peer self) {
    return lines.ask(LEAVE, Tuple.of(self.node(), self.incarnation()));
  }

  private static Standing standing(String self, RowSet<Row> rows) {
    List<Peer> peers = new ArrayList<>();
    boolean kept = true;
    Holder holder = UNSEEN;
    for (Row row : rows) {
      kept = row.getLong("kept") > 0;
      String node = row.getString("node");
      if (self.equals(node)) {
        holder = new Holder(row.getLong("incarnation"), row.getOffsetDateTime("beat_at"), row.getString("place"));
      } else if (node != null) {
        peers.add(new Peer(node, row.getLong("incarnation"), roles(row.getArrayOfStrings("roles"))));
      }
    }
    return kept ? new Standing.Listed(peers) : new Standing.Held(holder);
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
