// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.Uid;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// The log in PostgreSQL.
///
/// # Why an append is right
///
/// Any number of stores may append at once, and the key service moves the fence beside them. Two things decide: the
/// row lock on `store.head`, and what a statement can see. An append is one call of `store.append`, and that is two
/// statements in one transaction. The first locks the heads of the batch, in the order of their ids, so that two
/// batches never wait for each other. The second judges, numbers and inserts. At READ COMMITTED a statement sees what
/// was committed when it began, and the second one begins when the locks are there; whoever held them before has
/// committed or rolled back by then. So the second statement sees everything that was ever stored in its
/// conversations, and nothing is added to them while it runs. All that is promised follows:
///
/// - *Order and fence.* Epoch, open and last_seq are those of the locked row. The locks are held until the commit, and
///   `store.fence` needs the same ones. So an append is either committed before the fence moves, and the control entry
///   comes after it, or it sees the new fence and is refused. Numbers are taken under the lock and vanish with a
///   rollback: no gaps.
/// - *The same message twice.* A try that waited behind another try of the same message sees its row and gives its
///   place, also when the fence moved meanwhile: what was stored counts before the epoch is compared. What is refused
///   for its epoch was not stored before, and a try under an epoch that has passed never will be.
/// - *Nobody listens any more.* A statement whose connection was given up may be carried out later, also beside the
///   retry of its messages on another connection. One of the two has the lock first; the other is the case above.
/// - *A conversation that begins meanwhile* is unknown to an append that did not find it when it locked.
/// - *Serialisation failures and deadlocks* (40001, 40P01; databases that are set to stricter isolation and other
///   engines raise them) mean that nothing was stored: tried again, a few times. At stricter isolation what is seen
///   is as old as the first statement, but then a head that changed since cannot be locked.
///
/// The unique key (conversation, device, message) decides nothing: it would stop a bug.
///
/// Anything else, above all a lost connection, says nothing about what was stored, and is the caller's to repeat.
final class PostgresLog implements Log {
  private static final int CONTROL = 2;

  private static final String APPEND = """
      SELECT a.outcome, a.current_epoch, a.seq, a.epoch, a.received_ms
      FROM store.append($1::bytea[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[]) AS a
      ORDER BY a.item""";

  // Epochs only grow along the log, and each begins with a control entry: so readable epochs are runs of seqs, and
  // whatever lies between is skipped without being touched (greatest and least ignore NULL: a span without an end).
  // Sizes are known without reading the bodies.
  private static final String READ = """
      WITH span AS MATERIALIZED (
        SELECT r.from_epoch, r.to_epoch,
          (SELECT c.seq FROM store.entry AS c
           WHERE c.conversation_id = $1::bytea AND c.kind = 2 AND c.epoch >= r.from_epoch
           ORDER BY c.epoch, c.seq LIMIT 1) AS from_seq,
          (SELECT c.seq FROM store.entry AS c
           WHERE c.conversation_id = $1::bytea AND c.kind = 2 AND c.epoch > r.to_epoch
           ORDER BY c.epoch, c.seq LIMIT 1) AS end_seq
        FROM unnest($4::bigint[], $5::bigint[]) AS r(from_epoch, to_epoch)
      ), run AS MATERIALIZED (
        SELECT e.seq, e.epoch, e.kind, e.uid, e.device_id, e.msg_id, e.received_at, e.body
        FROM span AS s
        CROSS JOIN LATERAL (
          SELECT x.seq, x.epoch, x.kind, x.uid, x.device_id, x.msg_id, x.received_at, x.body
          FROM store.entry AS x
          WHERE x.conversation_id = $1::bytea
            AND x.seq >= greatest($2::bigint + 1, s.from_seq) AND x.seq <= least($3::bigint, s.end_seq - 1)
            AND s.from_seq IS NOT NULL AND x.epoch BETWEEN s.from_epoch AND s.to_epoch
          ORDER BY x.seq
          LIMIT $6::bigint + 1
        ) AS e
        ORDER BY e.seq
        LIMIT $6::bigint + 1
      ), sized AS (
        SELECT r.seq, r.epoch, r.kind, r.uid, r.device_id, r.msg_id, r.received_at, r.body,
          row_number() OVER w AS nth,
          coalesce(octet_length(r.body), 0) AS size,
          sum(coalesce(octet_length(r.body), 0)) OVER w AS total
        FROM run AS r
        WINDOW w AS (ORDER BY r.seq)
      )
      SELECT h.last_seq, (SELECT count(*) FROM run) AS found, s.seq, s.epoch, s.kind, s.uid, s.device_id, s.msg_id,
        floor(extract(epoch FROM s.received_at) * 1000)::bigint AS received_ms, s.body
      FROM store.head AS h
      LEFT JOIN sized AS s ON s.nth <= $6::bigint AND (s.total <= $7::bigint OR s.total = s.size)
      WHERE h.conversation_id = $1::bytea
      ORDER BY s.seq""";

  private static final String HEADS = """
      SELECT h.conversation_id, h.epoch, h.open, h.last_seq
      FROM store.head AS h
      WHERE h.conversation_id = ANY ($1::bytea[])""";

  private static final String DURABLE = """
      SELECT current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'
        AND current_setting('synchronous_commit') IN ('on', 'remote_apply') AS durable""";

  private final PostgresLines appends;
  private final PostgresLines reads;

  PostgresLog(PostgresLines appends, PostgresLines reads) {
    this.appends = appends;
    this.reads = reads;
  }

  @Override
  public Future<List<Outcome>> append(Batch batch) {
    return tryAppend(parameters(batch), 1);
  }

  private Future<List<Outcome>> tryAppend(Tuple parameters, int attempt) {
    return appends.ask(APPEND, parameters).map(PostgresLog::outcomes)
        .recover(failure -> AppendRetry.again(PostgresLines.sqlState(failure), attempt)
            ? tryAppend(parameters, attempt + 1)
            : Future.failedFuture(failure));
  }

  private static Tuple parameters(Batch batch) {
    List<Append> items = batch.items();
    return Tuple.of(column(items, item -> item.conversation().bytes()),
        items.stream().map(item -> item.epoch().value()).toArray(Long[]::new),
        column(items, item -> item.uid().bytes()), column(items, item -> item.key().device().bytes()),
        column(items, item -> item.key().message().bytes()), column(items, item -> item.body().hash()),
        column(items, item -> item.body().bytes()));
  }

  private static List<Outcome> outcomes(RowSet<Row> rows) {
    List<Outcome> outcomes = new ArrayList<>(rows.size());
    for (Row row : rows) {
      outcomes.add(switch (row.getString("outcome")) {
        case "stored" -> new Outcome.Stored(place(row));
        case "duplicate" -> new Outcome.Duplicate(place(row));
        case "differs" -> new Outcome.Differs();
        case "stale" -> new Outcome.Stale(new Epoch(row.getLong("current_epoch")));
        case "closed" -> new Outcome.Closed(new Epoch(row.getLong("current_epoch")));
        case "unknown" -> new Outcome.Unknown();
        default -> throw new IllegalStateException("the statement above has no other outcome");
      });
    }
    return outcomes;
  }

  @Override
  public Future<ReadOutcome> read(Window window) {
    Long[] from = window.readable().stream().map(EpochSpan::from).toArray(Long[]::new);
    Long[] to = window.readable().stream().map(EpochSpan::to).toArray(Long[]::new);
    Window.Bound bound = window.bound();
    return reads.ask(READ, Tuple.of(buffer(window.conversation().bytes()), window.afterSeq(), window.uptoSeq(), from,
        to, (long) bound.entries(), (long) bound.bodyBytes())).map(PostgresLog::run);
  }

  private static ReadOutcome run(RowSet<Row> rows) {
    if (rows.size() == 0) {
      return new NoLog();
    }
    List<LogEntry> entries = new ArrayList<>(rows.size());
    long lastSeq = 0;
    long found = 0;
    for (Row row : rows) {
      lastSeq = row.getLong("last_seq");
      found = row.getLong("found");
      if (row.getLong("seq") != null) {
        entries.add(new LogEntry(place(row), content(row)));
      }
    }
    return new Run(entries, entries.size() < found, lastSeq);
  }

  private static LogEntry.Content content(Row row) {
    Buffer body = row.getBuffer("body");
    if (body == null) {
      return new LogEntry.Removed();
    }
    if (row.getShort("kind") == CONTROL) {
      return new LogEntry.Changed(bytes(body));
    }
    return new LogEntry.Said(new Uid(bytes(row.getBuffer("uid"))), new DeviceId(bytes(row.getBuffer("device_id"))),
        new MsgId(bytes(row.getBuffer("msg_id"))), bytes(body));
  }

  @Override
  public Future<List<HeadState>> heads(List<ConversationId> conversations) {
    return reads.ask(HEADS, Tuple.of(column(conversations, ConversationId::bytes))).map(rows -> {
      List<HeadState> heads = new ArrayList<>(rows.size());
      for (Row row : rows) {
        heads.add(new HeadState(new ConversationId(bytes(row.getBuffer("conversation_id"))),
            new Epoch(row.getLong("epoch")), row.getBoolean("open"), row.getLong("last_seq")));
      }
      return heads;
    });
  }

  @Override
  public Future<Boolean> durable() {
    return reads.ask(DURABLE, Tuple.tuple()).map(rows -> rows.iterator().next().getBoolean("durable"));
  }

  private static Place place(Row row) {
    return new Place(row.getLong("seq"), new Epoch(row.getLong("epoch")), row.getLong("received_ms"));
  }

  private static <T> Buffer[] column(List<T> items, Function<T, ByteString> value) {
    return items.stream().map(item -> buffer(value.apply(item))).toArray(Buffer[]::new);
  }

  private static Buffer buffer(ByteString bytes) {
    return Buffer.buffer(bytes.toByteArray());
  }

  private static ByteString bytes(Buffer buffer) {
    return UnsafeByteOperations.unsafeWrap(buffer.getBytes());
  }
}
