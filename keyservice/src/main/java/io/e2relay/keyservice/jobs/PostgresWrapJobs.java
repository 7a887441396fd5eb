// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.jobs;

import static io.e2relay.keyservice.database.Columns.buffer;
import static io.e2relay.keyservice.database.Columns.number;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.WrapJobKind;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The jobs in PostgreSQL: who takes them, and who is told that there are any.
public final class PostgresWrapJobs {
  // A closed epoch is a job as long as it is closed; the row says who is at it. Whoever opens the next one holds the
  // conversation's row, and is at it too.
  private static final String CLOSED = """
      INSERT INTO keys.wrap_job (conversation_id, kind, uid, epoch, created_ms, offer_ms)
      SELECT c.conversation_id, 3, ''::bytea, 0, (extract(epoch FROM statement_timestamp()) * 1000)::bigint,
        (extract(epoch FROM statement_timestamp()) * 1000)::bigint
      FROM keys.member m JOIN keys.conversation c ON c.conversation_id = m.conversation_id
      WHERE m.uid = $1::bytea AND m.to_epoch IS NULL AND m.state = 1 AND c.closed AND c.successor IS NULL
        AND NOT EXISTS (SELECT 1 FROM keys.wrap_job j WHERE j.conversation_id = c.conversation_id AND j.kind = 3)
      ORDER BY c.conversation_id LIMIT $2::int FOR KEY SHARE OF c SKIP LOCKED
      ON CONFLICT (conversation_id, kind, uid, epoch) DO NOTHING""";

  // What the caller could do and nobody is at, first what was tried least. Of grants those of epochs that the caller
  // may read and has not granted, unless the caller waits for the same.
  private static final String OPEN = """
      SELECT j.conversation_id, j.kind, j.uid, j.epoch, j.taken, j.holder_uid, j.holder_device, j.lease_until_ms,
        c.epoch AS current, (extract(epoch FROM statement_timestamp()) * 1000)::bigint AS now_ms
      FROM keys.member m
      JOIN keys.conversation c ON c.conversation_id = m.conversation_id
      JOIN keys.wrap_job j ON j.conversation_id = m.conversation_id AND j.offer_ms IS NOT NULL
      WHERE m.uid = $1::bytea AND m.to_epoch IS NULL AND m.state = 1
        AND (j.lease_until_ms IS NULL OR j.lease_until_ms <= (extract(epoch FROM statement_timestamp()) * 1000)::bigint
          OR j.holder_uid = $1::bytea AND j.holder_device = $2::bytea)
        AND (j.kind <> 2 OR j.uid <> $1::bytea
          AND NOT EXISTS (SELECT 1 FROM keys.wrap_job w WHERE w.conversation_id = j.conversation_id AND w.kind = 2
            AND w.uid = $1::bytea AND w.epoch = j.epoch)
          AND NOT EXISTS (SELECT 1 FROM keys.epoch_grant g JOIN keys.account a ON a.uid = g.grantee
            WHERE g.conversation_id = j.conversation_id AND g.grantee = j.uid AND g.epoch = j.epoch
              AND g.aek_gen = a.aek_gen AND g.granter = $1::bytea)
          AND (c.history = 2
            OR EXISTS (SELECT 1 FROM keys.member r WHERE r.conversation_id = j.conversation_id AND r.uid = $1::bytea
              AND r.state = 1 AND r.from_epoch <= j.epoch AND coalesce(r.to_epoch, j.epoch) >= j.epoch)
            OR EXISTS (SELECT 1 FROM keys.epoch_grant g WHERE g.conversation_id = j.conversation_id
              AND g.grantee = $1::bytea AND g.epoch = j.epoch AND g.kind = 2)))
      ORDER BY j.taken, j.created_ms, j.conversation_id, j.kind, j.uid, j.epoch LIMIT $3::int
      FOR UPDATE OF j SKIP LOCKED""";

  private static final String WAITING = """
      SELECT j.conversation_id, j.uid FROM keys.wrap_job j
      JOIN keys.member m ON m.conversation_id = j.conversation_id AND m.uid = j.uid
      WHERE j.conversation_id = ANY ($1::bytea[]) AND j.kind = 1 AND m.to_epoch IS NULL AND m.state = 2
      ORDER BY j.conversation_id, j.uid""";

  private static final String TAKE = """
      UPDATE keys.wrap_job j SET holder_uid = $1::bytea, holder_device = $2::bytea, lease_until_ms = t.lease_until_ms,
        taken = t.taken, offered = 0, offer_ms = t.offer_ms
      FROM unnest($3::bytea[], $4::smallint[], $5::bytea[], $6::bigint[], $7::bigint[], $8::int[], $9::bigint[])
        AS t(conversation_id, kind, uid, epoch, lease_until_ms, taken, offer_ms)
      WHERE j.conversation_id = t.conversation_id AND j.kind = t.kind AND j.uid = t.uid AND j.epoch = t.epoch""";

  private static final String ANY_DUE = """
      SELECT 1 FROM keys.wrap_job
      WHERE offer_ms <= (extract(epoch FROM statement_timestamp()) * 1000)::bigint LIMIT 1""";

  private static final String DUE = """
      SELECT conversation_id, kind, uid, epoch, offered,
        (extract(epoch FROM statement_timestamp()) * 1000)::bigint AS now_ms
      FROM keys.wrap_job WHERE offer_ms <= (extract(epoch FROM statement_timestamp()) * 1000)::bigint
      ORDER BY offer_ms LIMIT $1::int FOR UPDATE SKIP LOCKED""";

  private static final String OFFERED = """
      UPDATE keys.wrap_job j SET offered = j.offered + 1, offer_ms = t.offer_ms
      FROM unnest($1::bytea[], $2::smallint[], $3::bytea[], $4::bigint[], $5::bigint[])
        AS t(conversation_id, kind, uid, epoch, offer_ms)
      WHERE j.conversation_id = t.conversation_id AND j.kind = t.kind AND j.uid = t.uid AND j.epoch = t.epoch""";

  // Looked at for one answer: more than are taken, for some may be somebody's.
  private static final int ROWS_MAX = 4 * WrapJobRules.JOBS_MAX;

  /// The key of a row.
  private record Place(Buffer conversation, Short kind, Buffer uid, Long epoch) {
    static Place of(Row row) {
      return new Place(row.getBuffer("conversation_id"), row.getShort("kind"), row.getBuffer("uid"),
          row.getLong("epoch"));
    }

    static Place of(WrapJob job) {
      boolean grant = job.kind() == WrapJobKind.WRAP_JOB_KIND_GRANT;
      return new Place(buffer(job.conversation().bytes()), number(job.kind().getNumber()),
          grant ? buffer(job.uids().getFirst().bytes()) : Buffer.buffer(), grant ? job.epoch().value() : 0);
    }
  }

  private final PostgresSessions sessions;

  public PostgresWrapJobs(PostgresSessions sessions) {
    this.sessions = sessions;
  }

  /// Gives the asker jobs that nobody else is at, of conversations in which the asker is active.
  public List<WrapJob> take(Holder asker, int limit) {
    return sessions.with(session -> take(session, asker, limit));
  }

  /// The conversations whose members are to be told now that there are jobs, of as many jobs as given.
  public Set<ConversationId> due(int limit) {
    return sessions.with(session -> due(session, limit));
  }

  private static List<WrapJob> take(PostgresSession session, Holder asker, int limit) {
    session.begin();
    Buffer uid = buffer(asker.uid().bytes());
    Buffer device = buffer(asker.device().bytes());
    session.run(CLOSED, uid, limit);
    List<Row> rows = session.run(OPEN, uid, device, ROWS_MAX).stream().toList();
    if (rows.isEmpty()) {
      return List.of();
    }
    Map<ConversationId, List<Uid>> waiting = waiting(session, rows);
    List<OpenJob> open = rows.stream().map(row -> open(row, waiting)).toList();
    List<WrapJobRules.Claim> claims = WrapJobRules.claim(open, asker, rows.getFirst().getLong("now_ms"), limit);
    List<Place> places = claims.stream().map(claim -> Place.of(claim.open().job())).toList();
    session.run(TAKE, uid, device, conversations(places), kinds(places), uids(places), epochs(places),
        claims.stream().map(claim -> claim.lease().untilMs()).toArray(Long[]::new),
        claims.stream().map(WrapJobRules.Claim::taken).toArray(Integer[]::new),
        claims.stream().map(claim -> WrapJobRules.offeredAfterMs(claim.taken(), claim.lease())).toArray(Long[]::new));
    session.commit();
    return WrapJobRules.merged(claims);
  }

  private static Map<ConversationId, List<Uid>> waiting(PostgresSession session, List<Row> rows) {
    Buffer[] conversations = rows.stream().filter(row -> kind(row) == WrapJobKind.WRAP_JOB_KIND_ACTIVATE)
        .map(row -> row.getBuffer("conversation_id")).toArray(Buffer[]::new);
    Map<ConversationId, List<Uid>> waiting = new HashMap<>();
    for (Row row : session.run(WAITING, (Object) conversations)) {
      waiting.computeIfAbsent(requireNonNull(Columns.conversation(row)), _ -> new ArrayList<>())
          .add(requireNonNull(Columns.uid(row, "uid")));
    }
    return waiting;
  }

  private static OpenJob open(Row row, Map<ConversationId, List<Uid>> waiting) {
    ConversationId conversation = requireNonNull(Columns.conversation(row));
    WrapJobKind kind = kind(row);
    Epoch current = new Epoch(row.getLong("current"));
    WrapJob job = switch (kind) {
      case WRAP_JOB_KIND_ACTIVATE ->
        new WrapJob(conversation, kind, current, waiting.getOrDefault(conversation, List.of()));
      case WRAP_JOB_KIND_GRANT -> new WrapJob(conversation, kind, new Epoch(row.getLong("epoch")),
          List.of(requireNonNull(Columns.uid(row, "uid"))));
      case WRAP_JOB_KIND_ROTATE -> new WrapJob(conversation, kind, current, List.of());
      case WRAP_JOB_KIND_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalStateException("a job of no kind");
    };
    return new OpenJob(job, row.getInteger("taken"), lease(row));
  }

  private static @Nullable Lease lease(Row row) {
    ByteString device = Columns.bytes(row, "holder_device");
    return device == null
        ? null
        : new Lease(new Holder(requireNonNull(Columns.uid(row, "holder_uid")), new DeviceId(device)),
            row.getLong("lease_until_ms"));
  }

  private static WrapJobKind kind(Row row) {
    return requireNonNull(WrapJobKind.forNumber(row.getShort("kind")), "kind");
  }

  private static Set<ConversationId> due(PostgresSession session, int limit) {
    // Asked after every epoch, and mostly there is none.
    if (session.first(ANY_DUE) == null) {
      return Set.of();
    }
    session.begin();
    List<Row> rows = session.run(DUE, limit).stream().toList();
    Set<ConversationId> conversations = new LinkedHashSet<>();
    if (!rows.isEmpty()) {
      List<Place> places = rows.stream().map(Place::of).toList();
      session.run(OFFERED, conversations(places), kinds(places), uids(places), epochs(places),
          rows.stream().map(row -> WrapJobRules.offeredAgainMs(row.getInteger("offered") + 1, row.getLong("now_ms")))
              .toArray(Long[]::new));
      rows.forEach(row -> conversations.add(requireNonNull(Columns.conversation(row))));
    }
    session.commit();
    return conversations;
  }

  private static Buffer[] conversations(List<Place> places) {
    return places.stream().map(Place::conversation).toArray(Buffer[]::new);
  }

  private static Short[] kinds(List<Place> places) {
    return places.stream().map(Place::kind).toArray(Short[]::new);
  }

  private static Buffer[] uids(List<Place> places) {
    return places.stream().map(Place::uid).toArray(Buffer[]::new);
  }

  private static Long[] epochs(List<Place> places) {
    return places.stream().map(Place::epoch).toArray(Long[]::new);
  }
}
