// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static io.e2relay.keyservice.database.Columns.buffer;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.TrustLevel;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What members read of epochs: one statement each, so that every answer is of one moment.
final class PostgresChapters {
  // The first record behind the place comes in any case, however large; the length of the others is known without
  // reading them.
  private static final String RECORDS = """
      SELECT c.level, c.epoch AS current, m.state, CASE WHEN $3::bigint = 0 THEN c.genesis END AS genesis, r.epoch,
        r.record
      FROM keys.member m
      JOIN keys.conversation c ON c.conversation_id = m.conversation_id
      LEFT JOIN LATERAL (
        SELECT s.epoch, s.record FROM (
          SELECT e.epoch, e.record, row_number() OVER place AS number, sum(octet_length(e.record)) OVER place AS total
          FROM (SELECT x.epoch, x.record FROM keys.epoch_record x
            WHERE x.conversation_id = $1::bytea AND x.epoch > $3::bigint ORDER BY x.epoch LIMIT $5::int) e
          WINDOW place AS (ORDER BY e.epoch)) s
        WHERE s.number = 1 OR s.total <= $4::int) r ON true
      WHERE m.conversation_id = $1::bytea AND m.uid = $2::bytea AND m.to_epoch IS NULL
      ORDER BY r.epoch""";

  // Of an epoch first what came with the record, then what came with grants: for the newest key before older ones.
  private static final String WRAPS = """
      SELECT c.level, m.state, k.epoch, k.wrap, k.granted
      FROM keys.member m
      JOIN keys.conversation c ON c.conversation_id = m.conversation_id
      LEFT JOIN LATERAL (
        (SELECT w.epoch, w.wrap, NULL::bytea AS granted, NULL::bigint AS aek_gen FROM keys.wrap w
        WHERE w.conversation_id = $1::bytea AND w.uid = $2::bytea AND w.epoch > $3::bigint
        ORDER BY w.epoch LIMIT $4::int)
        UNION ALL
        (SELECT g.epoch, g.wrap, g.record, g.aek_gen FROM keys.epoch_grant g
        WHERE g.conversation_id = $1::bytea AND g.grantee = $2::bytea AND g.epoch > $3::bigint
        ORDER BY g.epoch, g.aek_gen DESC, g.granter LIMIT $4::int)
        ORDER BY epoch, aek_gen DESC NULLS FIRST LIMIT $4::int) k ON true
      WHERE m.conversation_id = $1::bytea AND m.uid = $2::bytea AND m.to_epoch IS NULL
      ORDER BY k.epoch, k.aek_gen DESC NULLS FIRST""";

  private static final int RECORD_BYTES_MAX = 300_000;
  private static final int RECORDS_MAX = 1_500;
  // With their grants, and in base64, they fit a frame.
  private static final int WRAPS_MAX = 550;

  private PostgresChapters() {
  }

  static Epochs.Chapter records(PostgresSession session, ConversationId id, Uid caller, long after) {
    List<Row> rows = rows(
        session.run(RECORDS, buffer(id.bytes()), buffer(caller.bytes()), place(after), RECORD_BYTES_MAX, RECORDS_MAX));
    Objection objection = unlessMember(rows);
    if (objection != null) {
      return new Epochs.Chapter.Refused(objection);
    }
    Row first = rows.getFirst();
    List<ByteString> records = some(rows, row -> requireNonNull(Columns.bytes(row, "record")));
    Epoch current = new Epoch(first.getLong("current"));
    ByteString genesis = Columns.bytes(first, "genesis");
    boolean more = !records.isEmpty() && rows.getLast().getLong("epoch") < current.value();
    return new Epochs.Chapter.Records(genesis == null ? ByteString.EMPTY : genesis, records, current, more);
  }

  static Epochs.Keyring wraps(PostgresSession session, ConversationId id, Uid caller, long after) {
    List<Row> rows = rows(session.run(WRAPS, buffer(id.bytes()), buffer(caller.bytes()), place(after), WRAPS_MAX + 1));
    Objection objection = unlessMember(rows);
    if (objection == null && Columns.state(rows.getFirst()) == MemberState.MEMBER_STATE_PENDING) {
      objection = Objection.of(ErrorCode.MEMBER_PENDING);
    }
    return objection == null ? page(some(rows, PostgresChapters::wrap)) : new Epochs.Keyring.Refused(objection);
  }

  /// As many as fit, all of an epoch or none: the next page begins behind an epoch. Only more than a whole page of one
  /// epoch is cut.
  private static Epochs.Keyring page(List<Epochs.Wrap> found) {
    if (found.size() <= WRAPS_MAX) {
      return new Epochs.Keyring.Wraps(found, false);
    }
    Epoch cut = found.getLast().epoch();
    List<Epochs.Wrap> whole = found.stream().filter(wrap -> !wrap.epoch().equals(cut)).toList();
    return new Epochs.Keyring.Wraps(whole.isEmpty() ? found.subList(0, WRAPS_MAX) : whole, true);
  }

  private static Epochs.Wrap wrap(Row row) {
    ByteString grant = Columns.bytes(row, "granted");
    return new Epochs.Wrap(new Epoch(row.getLong("epoch")), requireNonNull(Columns.bytes(row, "wrap")),
        grant == null ? ByteString.EMPTY : grant);
  }

  private static @Nullable Objection unlessMember(List<Row> rows) {
    if (rows.isEmpty()) {
      return Objection.of(ErrorCode.NOT_A_MEMBER);
    }
    return Columns.level(rows.getFirst()) == TrustLevel.TRUST_LEVEL_E2EE ? null : Objection.of(ErrorCode.UNSUPPORTED);
  }

  // Unsigned on the wire: what looks negative is behind everything.
  private static long place(long after) {
    return after < 0 ? Long.MAX_VALUE : after;
  }

  private static List<Row> rows(Iterable<Row> found) {
    List<Row> rows = new ArrayList<>();
    found.forEach(rows::add);
    return rows;
  }

  private static <T> List<T> some(List<Row> rows, Function<Row, T> read) {
    return rows.stream().filter(row -> row.getLong("epoch") != null).map(read).toList();
  }
}
