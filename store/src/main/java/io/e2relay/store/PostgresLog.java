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
import java.util.stream.IntStream;

/// The log in PostgreSQL.
///
/// # Why an append is right
///
/// Any number of stores may append at once, and the key service moves the fence beside them. Three things decide: the
/// row lock on `store.head`, the unique key (conversation, device, message), and what a statement can see. At READ
/// COMMITTED a statement sees what was committed when it began; a row that it locks or updates, it sees as it is
/// once the lock is there, however long that took. So:
///
/// - *Order and fence.* Each append locks the heads of its batch, in the order of their ids (so two batches never wait
///   for each other), before it looks at epoch, open and last_seq: these are the newest. It holds the locks until it
///   has committed, and `store.fence` needs the same lock. So an append is either committed before the fence moves, and
///   the control entry comes after it, or it sees the new fence and is refused. Numbers are taken under the lock and
///   vanish with a rollback: no gaps.
/// - *The same message twice.* The rows of `store.entry` are read as they were when the statement began. A try
///   that waited for the lock behind another try of the same message does not see its row, goes on to store it again,
///   and then the unique key fails the whole batch with 23505. The batch is tried again as a new statement, which
///   does see the row. That can happen once more with another message, never twice with the same; so the second
///   time its items go one by one, where a conflict concerns nobody else.
/// - *The same message again after the fence moved.* The same blindness would refuse a retry as STALE or CLOSED,
///   although its first try was committed while the retry waited; nothing is inserted, so no unique key objects. So
///   before a message is refused for its epoch, a second statement looks for it. It begins after the refusal was
///   decided under the lock; a try under the old epoch cannot be stored any more by then, so what it does not
///   find will not appear.
/// - *Nobody listens any more.* A statement whose connection was given up may be carried out later, also beside the
///   retry of its messages on another connection. That is the second case.
/// - *Deadlock and serialisation failures* (40P01, 40001; other engines than PostgreSQL raise them at will) mean that
///   nothing was stored: tried again, a few times.
///
/// Anything else, above all a lost connection, says nothing about what was stored, and is the caller's to repeat.
final class PostgresLog implements Log {
  private static final int CONTROL = 2;

  private static final String APPEND = """
      WITH item AS MATERIALIZED (
        SELECT i.ord, i.conversation_id, i.epoch, i.uid, i.device_id, i.msg_id, i.body_hash, i.body
        FROM unnest($1::bytea[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[])
          WITH ORDINALITY AS i(conversation_id, epoch, uid, device_id, msg_id, body_hash, body, ord)
      ), head AS MATERIALIZED (
        SELECT h.conversation_id, h.epoch, h.open, h.last_seq
        FROM store.head AS h
        WHERE h.conversation_id = ANY ($1::bytea[])
        ORDER BY h.conversation_id
        FOR UPDATE
      ), judged AS MATERIALIZED (
        SELECT i.ord, i.conversation_id, h.epoch AS current_epoch, h.last_seq, e.seq, e.epoch, e.received_at,
          CASE
            WHEN e.seq IS NOT NULL AND e.uid = i.uid AND e.body_hash = i.body_hash THEN 'duplicate'
            WHEN e.seq IS NOT NULL THEN 'differs'
            WHEN h.epoch IS NULL THEN 'unknown'
            WHEN h.epoch <> i.epoch THEN 'stale'
            WHEN NOT h.open THEN 'closed'
            ELSE 'stored'
          END AS outcome
        FROM item AS i
        LEFT JOIN head AS h ON h.conversation_id = i.conversation_id
        LEFT JOIN LATERAL (
          SELECT d.seq, d.epoch, d.uid, d.body_hash, d.received_at
          FROM store.entry AS d
          WHERE d.conversation_id = i.conversation_id AND d.device_id = i.device_id AND d.msg_id = i.msg_id
          LIMIT 1
        ) AS e ON TRUE
      ), placed AS MATERIALIZED (
        SELECT j.ord, j.conversation_id, j.current_epoch AS epoch, clock_timestamp() AS received_at,
          j.last_seq + row_number() OVER (PARTITION BY j.conversation_id ORDER BY j.ord) AS seq
        FROM judged AS j
        WHERE j.outcome = 'stored'
      ), inserted AS (
        INSERT INTO store.entry
          (conversation_id, seq, epoch, kind, uid, device_id, msg_id, received_at, body, body_hash)
        SELECT p.conversation_id, p.seq, p.epoch, 1, i.uid, i.device_id, i.msg_id, p.received_at, i.body, i.body_hash
        FROM placed AS p
        JOIN item AS i ON i.ord = p.ord
      ), counted AS (
        UPDATE store.head AS h
        SET last_seq = n.seq
        FROM (SELECT p.conversation_id, max(p.seq) AS seq FROM placed AS p GROUP BY p.conversation_id) AS n
        WHERE h.conversation_id = n.conversation_id
      )
      SELECT j.outcome, j.current_epoch, coalesce(p.seq, j.seq) AS seq, coalesce(p.epoch, j.epoch) AS epoch,
        floor(extract(epoch FROM coalesce(p.received_at, j.received_at)) * 1000)::bigint AS received_ms
      FROM judged AS j
      LEFT JOIN placed AS p ON p.ord = j.ord
      ORDER BY j.ord""";

  private static final String FIND = """
      SELECT i.ord, e.seq, e.epoch, floor(extract(epoch FROM e.received_at) * 1000)::bigint AS received_ms,
        e.uid = i.uid AND e.body_hash = i.body_hash AS same
      FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[])
        WITH ORDINALITY AS i(conversation_id, uid, device_id, msg_id, body_hash, ord)
      CROSS JOIN LATERAL (
        SELECT d.seq, d.epoch, d.uid, d.body_hash, d.received_at
        FROM store.entry AS d
        WHERE d.conversation_id = i.conversation_id AND d.device_id = i.device_id AND d.msg_id = i.msg_id
        LIMIT 1
      ) AS e""";

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
    return tryAppend(batch, 1).compose(outcomes -> lookAgain(batch, outcomes));
  }

  private Future<List<Outcome>> tryAppend(Batch batch, int attempt) {
    return appends.ask(APPEND, parameters(batch)).map(PostgresLog::outcomes)
        .recover(failure -> switch (AppendRetry.after(PostgresLines.sqlState(failure), batch.size(), attempt)) {
          case AGAIN -> tryAppend(batch, attempt + 1);
          case ONE_BY_ONE -> oneByOne(batch);
          case NEVER -> Future.failedFuture(failure);
        });
  }

  private Future<List<Outcome>> oneByOne(Batch batch) {
    Future<List<Outcome>> done = Future.succeededFuture(List.of());
    for (Append item : batch.items()) {
      done = done.compose(before -> tryAppend(new Batch(List.of(item)), 1).map(outcome -> {
        List<Outcome> all = new ArrayList<>(before);
        all.addAll(outcome);
        return all;
      }));
    }
    return done;
  }

  private Future<List<Outcome>> lookAgain(Batch batch, List<Outcome> outcomes) {
    List<Integer> late = IntStream.range(0, outcomes.size()).filter(i -> refusedForEpoch(outcomes.get(i))).boxed()
        .toList();
    if (late.isEmpty()) {
      return Future.succeededFuture(outcomes);
    }
    List<Append> items = late.stream().map(batch.items()::get).toList();
    Tuple parameters = Tuple.of(column(items, item -> item.conversation().bytes()),
        column(items, item -> item.uid().bytes()), column(items, item -> item.key().device().bytes()),
        column(items, item -> item.key().message().bytes()), column(items, item -> item.body().hash()));
    return appends.ask(FIND, parameters).map(rows -> {
      List<Outcome> corrected = new ArrayList<>(outcomes);
      for (Row row : rows) {
        int index = late.get(Math.toIntExact(row.getLong("ord")) - 1);
        corrected.set(index, row.getBoolean("same") ? new Outcome.Duplicate(place(row)) : new Outcome.Differs());
      }
      return corrected;
    });
  }

  private static boolean refusedForEpoch(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Stale _,Outcome.Closed _ -> true;
      case Outcome.Stored _,Outcome.Duplicate _,Outcome.Differs _,Outcome.Unknown _ -> false;
    };
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
