// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import static io.e2relay.keyservice.database.Columns.buffer;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.protocol.record.KdfParameters;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.util.List;

/// The backups in PostgreSQL. Every put and every try to open locks the user's row of tries first, which is made for
/// whoever has none; so the tries of a user come one after the other, and each is committed before it is answered.
public final class PostgresBackups implements Backups {
  private static final String HOLD = """
      INSERT INTO keys.backup_try AS t (uid, wrong_ms, lifetime) VALUES ($1::bytea, '{}', 0)
      ON CONFLICT (uid) DO UPDATE SET lifetime = t.lifetime
      RETURNING wrong_ms, lifetime""";

  private static final String COUNT = """
      UPDATE keys.backup_try SET wrong_ms = $2::bigint[], lifetime = $3::int WHERE uid = $1::bytea""";

  private static final String TERMS = """
      SELECT backup_id, iterations, salt FROM keys.backup WHERE uid = $1::bytea""";

  // Without the blob, which would make a wrong proof for a large backup slower than one for none.
  private static final String LOCK = """
      SELECT verifier, pepper_version, recovery_verifier FROM keys.backup WHERE uid = $1::bytea""";

  private static final String KEPT = """
      SELECT bundle_seq, backup_id, verifier, pepper_version, recovery_verifier, blob FROM keys.backup
      WHERE uid = $1::bytea""";

  private static final String BLOB = """
      SELECT blob FROM keys.backup WHERE uid = $1::bytea""";

  private static final String SAVE = """
      INSERT INTO keys.backup (uid, bundle_seq, backup_id, iterations, salt, verifier, pepper_version,
        recovery_verifier, blob)
      VALUES ($1::bytea, $2::bigint, $3::bytea, $4::int, $5::bytea, $6::bytea, $7::int, $8::bytea, $9::bytea)
      ON CONFLICT (uid) DO UPDATE SET bundle_seq = excluded.bundle_seq, backup_id = excluded.backup_id,
        iterations = excluded.iterations, salt = excluded.salt, verifier = excluded.verifier,
        pepper_version = excluded.pepper_version, recovery_verifier = excluded.recovery_verifier,
        blob = excluded.blob""";

  private static final String SEQ = """
      SELECT bundle_seq FROM keys.backup WHERE uid = $1::bytea""";

  private static final String DELETE = """
      DELETE FROM keys.backup WHERE uid = $1::bytea""";

  private final PostgresSessions sessions;
  private final Locksmith locksmith;

  public PostgresBackups(PostgresSessions sessions, Locksmith locksmith) {
    this.sessions = sessions;
    this.locksmith = locksmith;
  }

  @Override
  public Stored put(BackupPut put) {
    return sessions.with(session -> put(session, put));
  }

  @Override
  public Terms terms(Owner owner) {
    Terms decoy = locksmith.decoy(owner);
    return sessions.with(session -> {
      Row row = session.first(TERMS, buffer(owner.uid().bytes()));
      return row == null
          ? decoy
          : new Terms(new KdfParameters(row.getInteger("iterations"), bytes(row, "salt")), bytes(row, "backup_id"));
    });
  }

  @Override
  public Opened open(Knock knock, long nowMs) {
    return sessions.with(session -> open(session, knock, nowMs));
  }

  @Override
  public boolean exists(Owner owner) {
    return sessions.with(session -> session.first(SEQ, buffer(owner.uid().bytes())) != null);
  }

  @Override
  public Stored delete(Owner owner, long bundleSeq) {
    return sessions.with(session -> {
      session.begin();
      Buffer uid = buffer(owner.uid().bytes());
      hold(session, uid);
      Row row = session.first(SEQ, uid);
      Stored stored = BackupRules.delete(row == null ? null : row.getLong("bundle_seq"), bundleSeq);
      if (stored == Stored.DONE) {
        session.run(DELETE, uid);
        session.commit();
      }
      return stored;
    });
  }

  private Stored put(PostgresSession session, BackupPut put) {
    session.begin();
    Buffer uid = buffer(put.owner().uid().bytes());
    Tries tries = hold(session, uid);
    Row row = session.first(KEPT, uid);
    BackupRules.Kept kept = row == null
        ? null
        : new BackupRules.Kept(row.getLong("bundle_seq"), bytes(row, "backup_id"), lock(row), bytes(row, "blob"));
    return switch (BackupRules.put(kept, put, locksmith)) {
      case MOVED -> Stored.MOVED;
      case KNOWN -> Stored.DONE;
      case SAVE -> {
        Lock lock = locksmith.lock(put);
        session.run(SAVE, uid, put.blob().bundleSeq(), buffer(put.blob().backupId()), put.blob().kdf().iterations(),
            buffer(put.blob().kdf().salt()), buffer(lock.verifier()), lock.pepperVersion(),
            buffer(lock.recoveryVerifier()), buffer(put.blob().bytes()));
        count(session, uid, BackupRules.saved(kept, put, tries));
        session.commit();
        yield Stored.DONE;
      }
    };
  }

  private Opened open(PostgresSession session, Knock knock, long nowMs) {
    session.begin();
    Buffer uid = buffer(knock.owner().uid().bytes());
    Tries tries = hold(session, uid);
    Row row = session.first(LOCK, uid);
    Lock lock = row == null ? null : lock(row);
    return switch (BackupRules.knock(tries, lock, knock, locksmith, nowMs)) {
      case BackupRules.Knocking.Held(Opened answer) -> answer;
      case BackupRules.Knocking.Compared(Tries after, Fit fit) -> {
        count(session, uid, after);
        Opened answer = switch (fit) {
          case Fit.Fits(ByteString share) ->
            new Opened.Open(bytes(requireNonNull(session.first(BLOB, uid)), "blob"), share);
          case Fit.Misfit _ -> new Opened.Refused();
          case Fit.Unpeppered(int version) -> new Opened.Unpeppered(version);
        };
        session.commit();
        yield answer;
      }
    };
  }

  private static Tries hold(PostgresSession session, Buffer uid) {
    Row row = requireNonNull(session.first(HOLD, uid));
    return new Tries(List.of(row.getArrayOfLongs("wrong_ms")), row.getInteger("lifetime"));
  }

  private static void count(PostgresSession session, Buffer uid, Tries tries) {
    session.run(COUNT, uid, tries.wrongMs().toArray(Long[]::new), tries.lifetime());
  }

  private static Lock lock(Row row) {
    return new Lock(row.getInteger("pepper_version"), bytes(row, "verifier"), bytes(row, "recovery_verifier"));
  }

  private static ByteString bytes(Row row, String column) {
    return requireNonNull(Columns.bytes(row, column));
  }
}
