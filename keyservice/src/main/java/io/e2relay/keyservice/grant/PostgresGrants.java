// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.grant;

import static io.e2relay.keyservice.database.Columns.buffer;
import static io.e2relay.keyservice.database.Columns.number;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.conversation.PostgresReads;
import io.e2relay.keyservice.conversation.Standing;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.epoch.Objection;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.wire.MemberState;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The grants in PostgreSQL, and who waits for one. Nobody becomes or ceases to be a member meanwhile; grants of one
/// conversation do not wait for each other.
public final class PostgresGrants {
  private static final String HOLD = """
      SELECT epoch FROM keys.conversation WHERE conversation_id = $1::bytea FOR KEY SHARE""";

  private static final String GIVEN = """
      SELECT record, wrap FROM keys.epoch_grant WHERE conversation_id = $1::bytea AND grantee = $2::bytea
        AND epoch = $3::bigint AND aek_gen = $4::bigint AND granter = $5::bytea""";

  private static final String PARTIES = """
      SELECT m.uid, m.state, a.seq, a.hash, a.aek_gen
      FROM keys.member m LEFT JOIN keys.account a ON a.uid = m.uid
      WHERE m.conversation_id = $1::bytea AND m.uid = ANY ($2::bytea[]) AND m.to_epoch IS NULL""";

  private static final String SAVE = """
      INSERT INTO keys.epoch_grant (conversation_id, grantee, epoch, aek_gen, granter, kind, record, wrap, stored_ms)
      VALUES ($1::bytea, $2::bytea, $3::bigint, $4::bigint, $5::bytea, $6::smallint, $7::bytea, $8::bytea,
        (extract(epoch FROM statement_timestamp()) * 1000)::bigint)
      ON CONFLICT (conversation_id, grantee, epoch, aek_gen, granter) DO NOTHING RETURNING epoch""";

  private static final String SETTLE = """
      DELETE FROM keys.wrap_job
      WHERE conversation_id = $1::bytea AND kind = 2 AND uid = $2::bytea AND epoch = $3::bigint""";

  // So that no two wishes of a user are counted as one.
  private static final String HOLD_USER = """
      SELECT version FROM keys.app_user WHERE uid = $1::bytea FOR UPDATE""";

  private static final String WISHES = """
      SELECT count(*) AS waiting, count(*) FILTER (WHERE conversation_id = $2::bytea AND epoch = $3::bigint) AS same
      FROM keys.wrap_job WHERE uid = $1::bytea AND kind = 2""";

  private static final String WISH = """
      INSERT INTO keys.wrap_job (conversation_id, kind, uid, epoch, created_ms, offer_ms)
      SELECT $1::bytea, 2, $2::bytea, $3::bigint, now.ms, now.ms
      FROM (SELECT (extract(epoch FROM statement_timestamp()) * 1000)::bigint AS ms) now
      ON CONFLICT (conversation_id, kind, uid, epoch) DO NOTHING""";

  private final PostgresSessions sessions;

  public PostgresGrants(PostgresSessions sessions) {
    this.sessions = sessions;
  }

  /// Stores the grant, if it may stand; who waits for it waits no longer.
  public Granting put(GrantPut put) {
    Objection unfit = GrantRules.unfit(put);
    return unfit == null ? sessions.with(session -> put(session, put)) : new Granting.Refused(unfit);
  }

  /// Has somebody who has the key asked for it in the member's name.
  public Granting ask(Uid member, ConversationId conversation, Epoch epoch) {
    return sessions.with(session -> ask(session, member, conversation, epoch));
  }

  private static Granting put(PostgresSession session, GrantPut put) {
    GrantStatement statement = put.grant().statement();
    ConversationId id = statement.conversation();
    Standing granter = held(session, id, put.by().uid());
    Objection outside = GrantRules.outside(granter);
    if (granter == null || outside != null) {
      return new Granting.Refused(requireNonNull(outside));
    }
    Granting decision = GrantRules.decide(put, facts(session, statement, granter));
    if (!(decision instanceof Granting.Done)) {
      return decision;
    }
    Buffer conversation = buffer(id.bytes());
    Buffer grantee = buffer(statement.grantee().bytes());
    if (session.first(SAVE, conversation, grantee, statement.epoch().value(), statement.account().aekGen(),
        buffer(put.by().uid().bytes()), number(statement.kind().number()), buffer(put.grant().bytes()),
        buffer(put.wrap())) == null) {
      // Another of the granter's came first.
      return GrantRules.decide(put, facts(session, statement, granter));
    }
    session.run(SETTLE, conversation, grantee, statement.epoch().value());
    session.commit();
    return decision;
  }

  private static Granting ask(PostgresSession session, Uid uid, ConversationId conversation, Epoch epoch) {
    Standing member = held(session, conversation, uid);
    Objection outside = GrantRules.outside(member);
    if (member == null || outside != null) {
      return new Granting.Refused(requireNonNull(outside));
    }
    Buffer user = buffer(uid.bytes());
    session.run(HOLD_USER, user);
    Row wishes = requireNonNull(session.first(WISHES, user, buffer(conversation.bytes()), epoch.value()));
    Granting decision = GrantRules.ask(member, epoch, wishes.getLong("same") > 0, wishes.getLong("waiting"));
    if (decision instanceof Granting.Done) {
      session.run(WISH, buffer(conversation.bytes()), user, epoch.value());
      session.commit();
    }
    return decision;
  }

  /// What somebody is in a conversation until the transaction ends. Strangers are turned away without a lock.
  private static @Nullable Standing held(PostgresSession session, ConversationId conversation, Uid uid) {
    if (PostgresReads.standing(session, conversation, uid) == null) {
      return null;
    }
    session.begin();
    session.run(HOLD, buffer(conversation.bytes()));
    return PostgresReads.standing(session, conversation, uid);
  }

  private static GrantRules.Facts facts(PostgresSession session, GrantStatement statement, Standing granter) {
    Buffer conversation = buffer(statement.conversation().bytes());
    Buffer grantee = buffer(statement.grantee().bytes());
    Uid giver = statement.granter().uid();
    Row given = session.first(GIVEN, conversation, grantee, statement.epoch().value(), statement.account().aekGen(),
        buffer(giver.bytes()));
    Map<Uid, GrantRules.Party> parties = new HashMap<>();
    for (Row row : session.run(PARTIES, conversation, Columns.uids(List.of(giver, statement.grantee())))) {
      parties.put(requireNonNull(Columns.uid(row, "uid")), party(row));
    }
    GrantRules.Party nobody = new GrantRules.Party(false, null);
    return new GrantRules.Facts(given == null ? null : given(given), granter, parties.getOrDefault(giver, nobody),
        parties.getOrDefault(statement.grantee(), nobody), PostgresRecords.of(session, statement, granter.epoch()));
  }

  private static GrantRules.Given given(Row row) {
    return new GrantRules.Given(requireNonNull(Columns.bytes(row, "record")),
        requireNonNull(Columns.bytes(row, "wrap")));
  }

  private static GrantRules.Party party(Row row) {
    ByteString hash = Columns.bytes(row, "hash");
    return new GrantRules.Party(Columns.state(row) == MemberState.MEMBER_STATE_ACTIVE,
        hash == null ? null : new AccountKey(row.getLong("seq"), new Hash(hash), row.getLong("aek_gen")));
  }
}
