// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.turn;

import static io.e2relay.keyservice.database.Columns.buffer;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.InvalidProtocolBufferException;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.conversation.Controls;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.wire.Control;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Conversations and jobs as rows, written and read without the code under test.
public final class Rooms {
  private static final String ENCRYPTED = """
      INSERT INTO keys.conversation (conversation_id, tenant, level, history, epoch, members, created_by, created_ms,
        genesis, epoch_hash)
      VALUES ($1::bytea, $2::bytea, 3, 2, 1, 2, $3::bytea, 0, $4::bytea, $5::bytea)""";

  private static final String OPEN = """
      INSERT INTO keys.conversation (conversation_id, tenant, level, history, epoch, members, created_by, created_ms)
      VALUES ($1::bytea, $2::bytea, 1, 2, 1, 1, $3::bytea, 0)""";

  private static final String MEMBER = """
      INSERT INTO keys.member (conversation_id, uid, from_epoch, role, state, account_seq, aek_gen)
      VALUES ($1::bytea, $2::bytea, 1, 1, 1, $3::bigint, $3::bigint)""";

  private static final String FENCE = """
      SELECT last_seq FROM store.fence($1::bytea, 1, true, $2::bytea)""";

  private static final String LEAVE = """
      UPDATE keys.member SET to_epoch = 1 WHERE conversation_id = $1::bytea AND uid = $2::bytea""";

  private static final String WAIT = """
      UPDATE keys.member SET state = 2 WHERE conversation_id = $1::bytea AND uid = $2::bytea""";

  private static final String PASS_BY = """
      UPDATE store.stand_in_head SET epoch = 5 WHERE conversation_id = $1::bytea""";

  private static final String JOB = """
      INSERT INTO keys.turn_job (uid, seq, aek_gen, created_ms)
      VALUES ($1::bytea, $2::bigint, $3::bigint, (SELECT count(*) FROM keys.turn_job))""";

  private static final String JOBS = """
      SELECT count(*) AS jobs FROM keys.turn_job""";

  private static final String JOBS_OF = """
      SELECT count(*) AS jobs FROM keys.turn_job WHERE uid = $1::bytea""";

  private static final String WAITING = """
      SELECT count(*) AS waiting FROM pg_locks WHERE NOT granted""";

  private static final String FORGET = """
      DELETE FROM keys.turn_job""";

  private static final String CLOSED = """
      SELECT closed AND NOT h.open AS closed, closed <> h.open AS consistent
      FROM keys.conversation c JOIN store.stand_in_head h ON h.conversation_id = c.conversation_id
      WHERE c.conversation_id = $1::bytea""";

  private static final String CONTROLS = """
      SELECT control FROM store.stand_in_control WHERE conversation_id = $1::bytea ORDER BY seq""";

  private static final String PID = """
      SELECT pg_backend_pid() AS pid""";

  private static final String TERMINATE = """
      SELECT pg_terminate_backend($1::int) AS terminated""";

  private final PostgresSessions sessions;

  public Rooms(PostgresSessions sessions) {
    this.sessions = sessions;
  }

  public static Uid user() {
    return new Uid(Owner.random(Uid.BYTES));
  }

  /// In its first epoch, which is for these generations of the two members' keys.
  public ConversationId encrypted(Uid one, long oneGen, Uid other, long otherGen) {
    ConversationId id = id();
    return sessions.with(session -> {
      session.begin();
      session.run(ENCRYPTED, buffer(id.bytes()), buffer(Owner.random(16)), buffer(one.bytes()),
          buffer(Owner.random(Genesis.BYTES)), buffer(Owner.random(32)));
      session.run(MEMBER, buffer(id.bytes()), buffer(one.bytes()), oneGen);
      session.run(MEMBER, buffer(id.bytes()), buffer(other.bytes()), otherGen);
      return opened(session, id);
    });
  }

  ConversationId open(Uid member) {
    ConversationId id = id();
    return sessions.with(session -> {
      session.begin();
      session.run(OPEN, buffer(id.bytes()), buffer(Owner.random(16)), buffer(member.bytes()));
      session.run(MEMBER, buffer(id.bytes()), buffer(member.bytes()), null);
      return opened(session, id);
    });
  }

  void leaves(ConversationId id, Uid uid) {
    sessions.with(session -> session.run(LEAVE, buffer(id.bytes()), buffer(uid.bytes())));
  }

  void waits(ConversationId id, Uid uid) {
    sessions.with(session -> session.run(WAIT, buffer(id.bytes()), buffer(uid.bytes())));
  }

  /// From now on the store refuses everything about it.
  void breaks(ConversationId id) {
    sessions.with(session -> session.run(PASS_BY, buffer(id.bytes())));
  }

  public void job(Uid uid, long seq, long aekGen) {
    sessions.with(session -> session.run(JOB, buffer(uid.bytes()), seq, aekGen));
  }

  public long jobs() {
    return requireNonNull(sessions.with(session -> session.first(JOBS))).getLong("jobs");
  }

  long jobsOf(Uid uid) {
    return requireNonNull(sessions.with(session -> session.first(JOBS_OF, buffer(uid.bytes())))).getLong("jobs");
  }

  /// Whether some transaction waits for another one's lock.
  boolean anyWaits() {
    return requireNonNull(sessions.with(session -> session.first(WAITING))).getLong("waiting") > 0;
  }

  void forgetJobs() {
    sessions.with(session -> session.run(FORGET));
  }

  /// Both here and at the store.
  public boolean isClosed(ConversationId id) {
    Row row = sessions.with(session -> session.first(CLOSED, buffer(id.bytes())));
    if (row == null || !row.getBoolean("consistent")) {
      return false;
    }
    return row.getBoolean("closed");
  }

  public List<Control> controls(ConversationId id) {
    return sessions.with(session -> {
      List<Control> controls = new ArrayList<>();
      for (Row row : session.run(CONTROLS, buffer(id.bytes()))) {
        controls.add(control(row));
      }
      return controls;
    });
  }

  /// How often an epoch was closed in any of these.
  int closings(Collection<ConversationId> ids) {
    return ids.stream().mapToInt(id -> controls(id).size() - 1).sum();
  }

  /// The one connection of a pool.
  static int pid(PostgresSessions pool) {
    return requireNonNull(pool.with(session -> session.first(PID))).getInteger("pid");
  }

  boolean terminate(int pid) {
    return requireNonNull(sessions.with(session -> session.first(TERMINATE, pid))).getBoolean("terminated");
  }

  private static ConversationId opened(PostgresSession session, ConversationId id) {
    session.run(FENCE, buffer(id.bytes()), buffer(Controls.of(id, new Epoch(1), List.of()).build().toByteString()));
    session.commit();
    return id;
  }

  private static Control control(Row row) {
    try {
      return Control.parseFrom(row.getBuffer("control").getBytes());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ConversationId id() {
    return new ConversationId(Owner.random(ConversationId.BYTES));
  }
}
