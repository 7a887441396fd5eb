// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.self;

import static io.e2relay.keyservice.database.Columns.buffer;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.SelfBlob;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The self blobs in PostgreSQL; one statement compares the counter and sets the blob.
public final class PostgresSelfBlobs implements SelfBlobs {
  private static final String PUT = """
      INSERT INTO keys.self_blob AS s (uid, kind, counter, blob)
      VALUES ($1::bytea, $2::smallint, $3::bigint, $4::bytea)
      ON CONFLICT (uid, kind) DO UPDATE SET counter = excluded.counter, blob = excluded.blob
        WHERE s.counter < excluded.counter
      RETURNING counter""";

  private static final String IS = """
      SELECT blob = $3::bytea AS same FROM keys.self_blob WHERE uid = $1::bytea AND kind = $2::smallint""";

  private static final String GET = """
      SELECT CASE WHEN f.upto <= $3::bigint THEN s.blob END AS blob
      FROM (SELECT kind, sum(octet_length(blob)) OVER (ORDER BY kind) AS upto FROM keys.self_blob
        WHERE uid = $1::bytea AND (cardinality($2::smallint[]) = 0 OR kind = ANY ($2::smallint[]))) f
      JOIN keys.self_blob s ON s.uid = $1::bytea AND s.kind = f.kind
      ORDER BY f.kind""";

  private final PostgresSessions sessions;

  public PostgresSelfBlobs(PostgresSessions sessions) {
    this.sessions = sessions;
  }

  @Override
  public Stored put(Uid uid, SelfBlob blob) {
    Buffer user = buffer(uid.bytes());
    Short kind = Columns.number(blob.kind().number());
    Buffer bytes = buffer(blob.bytes());
    return sessions.with(session -> {
      if (session.first(PUT, user, kind, blob.counter(), bytes) != null) {
        return Stored.DONE;
      }
      Row there = requireNonNull(session.first(IS, user, kind, bytes), "the blob in the way");
      return there.getBoolean("same") ? Stored.DONE : Stored.OLDER;
    });
  }

  @Override
  public Page get(Uid uid, Set<Integer> kinds, int bytesMax) {
    Short[] wanted = kinds.stream().map(Columns::number).toArray(Short[]::new);
    return sessions.with(session -> {
      List<ByteString> blobs = new ArrayList<>();
      boolean more = false;
      for (Row row : session.run(GET, buffer(uid.bytes()), wanted, (long) bytesMax)) {
        ByteString blob = Columns.bytes(row, "blob");
        if (blob == null) {
          more = true;
        } else {
          blobs.add(blob);
        }
      }
      return new Page(List.copyOf(blobs), more);
    });
  }
}
