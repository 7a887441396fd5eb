// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.turn;

import static io.e2relay.keyservice.database.Columns.buffer;
import static java.util.Objects.requireNonNull;

import io.e2relay.keyservice.conversation.Controls;
import io.e2relay.keyservice.conversation.News;
import io.e2relay.keyservice.conversation.PostgresFence;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.membership.Change;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.ChangeKind;
import io.e2relay.protocol.wire.Control;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.util.List;
import java.util.Map;

/// The work in PostgreSQL: a row for each record that turned a key, until every conversation is done.
///
/// A step is one transaction of one conversation, which moves the job's place too: whatever dies, the next worker goes
/// on behind the last conversation that was closed, and closes none twice. Whoever opens an epoch holds the rows of the
/// accounts that it is for, so behind the record no epoch can begin any more that is for the key before it.
public final class PostgresTurns implements Turns {
  // Counted in a statement of its own, so that a job that fails goes to the end of the line.
  private static final String TAKE = """
      UPDATE keys.turn_job SET tries = tries + 1
      WHERE (uid, seq) = (SELECT j.uid, j.seq FROM keys.turn_job j ORDER BY j.tries, j.created_ms, j.uid, j.seq
        LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING uid, seq""";

  private static final String HOLD = """
      SELECT aek_gen, through FROM keys.turn_job WHERE uid = $1::bytea AND seq = $2::bigint FOR UPDATE SKIP LOCKED""";

  private static final String BEHIND = """
      SELECT conversation_id FROM keys.member
      WHERE uid = $1::bytea AND to_epoch IS NULL AND conversation_id > $2::bytea AND state = 1 AND aek_gen < $3::bigint
      ORDER BY conversation_id LIMIT 1""";

  private static final String LOCK = """
      SELECT epoch, closed FROM keys.conversation WHERE conversation_id = $1::bytea FOR UPDATE""";

  // Under the lock: somebody may have opened an epoch for the new key, or removed the user.
  private static final String STILL_BEHIND = """
      SELECT from_epoch FROM keys.member
      WHERE conversation_id = $1::bytea AND uid = $2::bytea AND to_epoch IS NULL AND state = 1
        AND aek_gen < $3::bigint""";

  private static final String CLOSE = """
      UPDATE keys.conversation SET closed = true WHERE conversation_id = $1::bytea""";

  private static final String ADVANCE = """
      UPDATE keys.turn_job SET through = $3::bytea WHERE uid = $1::bytea AND seq = $2::bigint""";

  private static final String FINISH = """
      DELETE FROM keys.turn_job WHERE uid = $1::bytea AND seq = $2::bigint""";

  /// Which record of whom.
  private record Job(Uid uid, long seq) {
    Buffer user() {
      return buffer(uid.bytes());
    }
  }

  private final PostgresSessions sessions;

  public PostgresTurns(PostgresSessions sessions) {
    this.sessions = sessions;
  }

  @Override
  public Turn next() {
    Row taken = sessions.with(session -> session.first(TAKE));
    if (taken == null) {
      return new Turn.Nothing();
    }
    Job job = new Job(requireNonNull(Columns.uid(taken, "uid")), taken.getLong("seq"));
    return sessions.with(session -> step(session, job));
  }

  private static Turn step(PostgresSession session, Job job) {
    session.begin();
    Row held = session.first(HOLD, job.user(), job.seq());
    if (held == null) {
      return new Turn.Passed();
    }
    long aekGen = held.getLong("aek_gen");
    Row behind = session.first(BEHIND, job.user(), held.getBuffer("through"), aekGen);
    if (behind == null) {
      session.run(FINISH, job.user(), job.seq());
      session.commit();
      return new Turn.Finished(job.uid());
    }
    ConversationId id = requireNonNull(Columns.conversation(behind));
    Row head = requireNonNull(session.first(LOCK, buffer(id.bytes())), "conversations do not vanish");
    boolean still = session.first(STILL_BEHIND, buffer(id.bytes()), job.user(), aekGen) != null;
    session.run(ADVANCE, job.user(), job.seq(), buffer(id.bytes()));
    if (!still) {
      session.commit();
      return new Turn.Passed();
    }
    session.run(CLOSE, buffer(id.bytes()));
    List<Change> changes = List.of(new Change(ChangeKind.CHANGE_KIND_KEYS_TURNED, job.uid(), job.uid()));
    Control placed = PostgresFence.close(session, head.getBoolean("closed"),
        Controls.of(id, new Epoch(head.getLong("epoch")), changes));
    session.commit();
    return new Turn.Closed(new News(placed, changes, Map.of()));
  }
}
