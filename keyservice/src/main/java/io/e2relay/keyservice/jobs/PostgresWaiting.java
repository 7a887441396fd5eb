// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.jobs;

import static io.e2relay.keyservice.database.Columns.buffer;

import io.e2relay.keyservice.conversation.EpochHooks;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.Signer;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.util.Collection;
import java.util.function.Consumer;

/// Who waits for a conversation's key, in PostgreSQL: rows that come and go within the transactions of others.
///
/// Whoever changes who waits in a conversation holds the row by which they are offered: so it is there if and only if
/// somebody waits.
public final class PostgresWaiting implements EpochHooks {
  private static final String HOLD = """
      SELECT taken FROM keys.wrap_job
      WHERE conversation_id = $1::bytea AND kind = 1 AND uid = ''::bytea FOR UPDATE""";

  private static final String ACTIVATED = """
      DELETE FROM keys.wrap_job j USING keys.member m
      WHERE j.conversation_id = $1::bytea AND j.kind = 1 AND m.conversation_id = j.conversation_id AND m.uid = j.uid
        AND m.to_epoch IS NULL AND m.state = 1
      RETURNING (extract(epoch FROM statement_timestamp()) * 1000)::bigint - j.created_ms AS waited_ms""";

  private static final String ROTATED = """
      DELETE FROM keys.wrap_job WHERE conversation_id = $1::bytea AND kind = 3""";

  // Who has done what there was when they took it need not keep the others from what has come since.
  private static final String RELEASE = """
      UPDATE keys.wrap_job SET holder_uid = NULL, holder_device = NULL, lease_until_ms = NULL, offered = 0,
        offer_ms = (extract(epoch FROM statement_timestamp()) * 1000)::bigint
      WHERE conversation_id = $1::bytea AND kind = 1 AND holder_uid = $2::bytea AND holder_device = $3::bytea""";

  private static final String READY = """
      INSERT INTO keys.wrap_job (conversation_id, kind, uid, epoch, created_ms)
      SELECT m.conversation_id, 1, m.uid, 0, (extract(epoch FROM statement_timestamp()) * 1000)::bigint
      FROM keys.member m JOIN keys.account a ON a.uid = m.uid
      WHERE m.conversation_id = $1::bytea AND m.to_epoch IS NULL AND m.state = 2
      ON CONFLICT (conversation_id, kind, uid, epoch) DO NOTHING""";

  private static final String READY_EVERYWHERE = """
      INSERT INTO keys.wrap_job (conversation_id, kind, uid, epoch, created_ms)
      SELECT m.conversation_id, 1, m.uid, 0, (extract(epoch FROM statement_timestamp()) * 1000)::bigint
      FROM keys.member m WHERE m.uid = $1::bytea AND m.to_epoch IS NULL AND m.state = 2
      ON CONFLICT (conversation_id, kind, uid, epoch) DO NOTHING
      RETURNING conversation_id""";

  // At once; or, while somebody is at it, when that is over. In the order of the ids, so that two never wait for each
  // other.
  private static final String OFFER = """
      INSERT INTO keys.wrap_job AS j (conversation_id, kind, uid, epoch, created_ms, offer_ms)
      SELECT t.conversation_id, 1, ''::bytea, 0, (extract(epoch FROM statement_timestamp()) * 1000)::bigint,
        (extract(epoch FROM statement_timestamp()) * 1000)::bigint
      FROM unnest($1::bytea[]) AS t(conversation_id) ORDER BY t.conversation_id
      ON CONFLICT (conversation_id, kind, uid, epoch) DO UPDATE
        SET offered = 0, offer_ms = CASE WHEN j.lease_until_ms > excluded.offer_ms THEN j.offer_ms
          ELSE excluded.offer_ms END""";

  private static final String FORGET = """
      DELETE FROM keys.wrap_job
      WHERE conversation_id = $1::bytea AND kind = 1 AND uid = ''::bytea AND NOT EXISTS (
        SELECT 1 FROM keys.wrap_job w WHERE w.conversation_id = $1::bytea AND w.kind = 1 AND w.uid <> ''::bytea)""";

  // Before anything else: who gets an account at this moment has either said where they wait, or finds themselves gone.
  private static final String HOLD_USERS = """
      SELECT uid FROM keys.app_user WHERE uid = ANY ($1::bytea[]) ORDER BY uid FOR UPDATE""";

  private static final String LEFT = """
      DELETE FROM keys.wrap_job WHERE conversation_id = $1::bytea AND uid = ANY ($2::bytea[])""";

  private static final String LET_GO = """
      UPDATE keys.wrap_job SET holder_uid = NULL, holder_device = NULL, lease_until_ms = NULL, offered = 0,
        offer_ms = (extract(epoch FROM statement_timestamp()) * 1000)::bigint
      WHERE conversation_id = $1::bytea AND holder_uid = ANY ($2::bytea[])""";

  private static final String UNGRANT = """
      DELETE FROM keys.epoch_grant WHERE conversation_id = $1::bytea AND grantee = ANY ($2::bytea[])""";

  // Whoever begins an epoch holds the rows of those whom it concerns: of the two one sees what the other did.
  private static final String HOLD_USER = """
      INSERT INTO keys.app_user AS u (uid, tenant, subject, version) VALUES ($1::bytea, NULL, NULL, 1)
      ON CONFLICT (uid) DO UPDATE SET version = u.version""";

  private final Consumer<Duration> readable;

  /// @param readable is told how long somebody waited for a key
  public PostgresWaiting(Consumer<Duration> readable) {
    this.readable = readable;
  }

  @Override
  public void opened(PostgresSession session, EpochRecord record, boolean awaited) {
    EpochStatement statement = record.statement();
    if (!awaited && statement.roster().stream().allMatch(RosterEntry::active)) {
      // No rows were left, and none are to come.
      return;
    }
    Buffer id = buffer(statement.conversation().bytes());
    Signer rotator = statement.rotator();
    session.send(ROTATED, id);
    session.send(HOLD, id);
    for (Row row : session.run(ACTIVATED, id)) {
      readable.accept(Duration.ofMillis(Math.max(0, row.getLong("waited_ms"))));
    }
    session.send(RELEASE, id, buffer(rotator.uid().bytes()), buffer(rotator.device().bytes()));
    if (session.run(READY, id).rowCount() > 0) {
      session.run(OFFER, (Object) new Buffer[]{id});
    }
    session.send(FORGET, id);
  }

  @Override
  public void removed(PostgresSession session, ConversationId conversation, Collection<Uid> uids) {
    Buffer id = buffer(conversation.bytes());
    Buffer[] gone = Columns.uids(uids);
    session.send(HOLD_USERS, (Object) gone);
    session.send(HOLD, id);
    session.send(LEFT, id, gone);
    session.send(FORGET, id);
    session.send(LET_GO, id, gone);
    session.send(UNGRANT, id, gone);
  }

  /// The user has a first account record: wherever they are pending, somebody can give them the key now.
  public static void accountMade(PostgresSession session, Uid uid) {
    Buffer user = buffer(uid.bytes());
    session.run(HOLD_USER, user);
    Buffer[] conversations = session.run(READY_EVERYWHERE, user).stream().map(row -> row.getBuffer("conversation_id"))
        .toArray(Buffer[]::new);
    if (conversations.length > 0) {
      session.run(OFFER, (Object) conversations);
    }
  }
}
