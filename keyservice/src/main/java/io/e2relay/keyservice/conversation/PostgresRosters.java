// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import static io.e2relay.keyservice.database.Columns.buffer;
import static io.e2relay.keyservice.database.Columns.number;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Encryption;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Roster;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A conversation's row and roster under its lock: read whole, saved as the difference.
public final class PostgresRosters {
  private static final String INSIDE = """
      SELECT from_epoch FROM keys.member
      WHERE conversation_id = $1::bytea AND uid = $2::bytea AND to_epoch IS NULL""";

  private static final String LOCK = """
      SELECT tenant, level, history, epoch, link_secret, created_ms, genesis, epoch_hash, closed, successor, members
      FROM keys.conversation WHERE conversation_id = $1::bytea FOR UPDATE""";

  private static final String ROSTER_NOW = """
      SELECT m.uid, m.role, m.state, m.account_seq, m.aek_gen, u.subject
      FROM keys.member m LEFT JOIN keys.app_user u ON u.uid = m.uid
      WHERE m.conversation_id = $1::bytea AND m.to_epoch IS NULL""";

  private static final String CREATE = """
      INSERT INTO keys.conversation (conversation_id, tenant, level, history, epoch, link_secret, members, created_by,
        genesis, epoch_hash, created_ms)
      VALUES ($1::bytea, $2::bytea, $3::smallint, $4::smallint, $5::bigint, $6::bytea, $7::int, $8::bytea,
        $9::bytea, $10::bytea, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
      ON CONFLICT (conversation_id) DO NOTHING RETURNING created_ms""";

  private static final String MOVE = """
      UPDATE keys.conversation SET epoch = $2::bigint, link_secret = $3::bytea, members = $4::int,
        epoch_hash = $5::bytea, closed = $6::boolean, successor = $7::bytea
      WHERE conversation_id = $1::bytea""";

  private static final String END = """
      UPDATE keys.member SET to_epoch = $3::bigint
      WHERE conversation_id = $1::bytea AND uid = ANY ($2::bytea[]) AND to_epoch IS NULL""";

  private static final String BEGIN = """
      INSERT INTO keys.member (conversation_id, uid, from_epoch, to_epoch, role, state, account_seq, aek_gen)
      SELECT $1::bytea, t.uid, $2::bigint, NULL, t.role, t.state, t.account_seq, t.aek_gen
      FROM unnest($3::bytea[], $4::smallint[], $5::smallint[], $6::bigint[], $7::bigint[])
        AS t(uid, role, state, account_seq, aek_gen)""";

  /// A conversation that nobody else changes before the transaction ends.
  ///
  /// @param subjects the host's names of those members who have ever connected
  public record Locked(Conversation now, Map<Uid, String> subjects, long createdMs) {
    public View view() {
      return new View(now, subjects, createdMs);
    }
  }

  /// A conversation under its lock, and how many its members are.
  public record Head(Conversation empty, int members) {
    public Conversation with(Roster roster) {
      return empty.in(empty.phase(), roster);
    }
  }

  private PostgresRosters() {
  }

  /// Whether somebody is a member, asked without a lock: strangers are turned away at the same cost everywhere.
  public static boolean inside(PostgresSession session, ConversationId id, Uid uid) {
    return session.first(INSIDE, buffer(id.bytes()), buffer(uid.bytes())) != null;
  }

  /// Asks for the lock; what is sent behind it reads what is there once it is held.
  public static Future<RowSet<Row>> askLock(PostgresSession session, ConversationId id) {
    return session.send(LOCK, buffer(id.bytes()));
  }

  /// What came with the lock.
  public static Head head(ConversationId id, RowSet<Row> locked) {
    Row row = locked.iterator().next();
    return new Head(PostgresReads.conversation(row, id, new Roster(List.of())), row.getInteger("members"));
  }

  /// The members now.
  public static Roster roster(PostgresSession session, ConversationId id) {
    return new Roster(session.run(ROSTER_NOW, buffer(id.bytes())).stream()
        .map(row -> PostgresReads.member(Objects.requireNonNull(Columns.uid(row, "uid")), row)).toList());
  }

  /// Waits for the lock, then reads; null where there is no such conversation.
  public static @Nullable Locked lock(PostgresSession session, ConversationId id) {
    Row head = session.first(LOCK, buffer(id.bytes()));
    if (head == null) {
      return null;
    }
    List<Member> members = new ArrayList<>();
    Map<Uid, String> subjects = new HashMap<>();
    for (Row row : session.run(ROSTER_NOW, buffer(id.bytes()))) {
      Uid uid = Objects.requireNonNull(Columns.uid(row, "uid"));
      members.add(PostgresReads.member(uid, row));
      String subject = row.getString("subject");
      if (subject != null) {
        subjects.put(uid, subject);
      }
    }
    return new Locked(PostgresReads.conversation(head, id, new Roster(members)), subjects, head.getLong("created_ms"));
  }

  /// Saves a new conversation with its roster; tells when that was, or null where one with that id is there.
  public static @Nullable Long create(PostgresSession session, Conversation made, Uid creator) {
    Encryption encryption = made.encryption();
    Row row = session.first(CREATE, buffer(made.id().bytes()), buffer(made.tenant().bytes()),
        number(made.level().getNumber()), number(made.history().getNumber()), made.epoch().value(), secret(made),
        made.roster().size(), buffer(creator.bytes()), encryption == null ? null : buffer(encryption.genesis().bytes()),
        hash(made));
    if (row == null) {
      return null;
    }
    begin(session, made, made.roster().members());
    return row.getLong("created_ms");
  }

  /// Saves the difference; tells whose membership is another than before.
  public static Set<Uid> save(PostgresSession session, Conversation before, Conversation after) {
    Buffer id = buffer(after.id().bytes());
    ConversationId successor = after.phase().successor();
    session.send(MOVE, id, after.epoch().value(), secret(after), after.roster().size(), hash(after),
        after.phase().closed(), successor == null ? null : buffer(successor.bytes()));
    List<Member> ended = before.roster().unlike(after.roster());
    if (!ended.isEmpty()) {
      session.send(END, id, Columns.uids(ended.stream().map(Member::uid).toList()), before.epoch().value());
    }
    List<Member> begun = after.roster().unlike(before.roster());
    if (!begun.isEmpty()) {
      begin(session, after, begun);
    }
    Set<Uid> concerned = new HashSet<>();
    ended.forEach(member -> concerned.add(member.uid()));
    begun.forEach(member -> concerned.add(member.uid()));
    return concerned;
  }

  private static void begin(PostgresSession session, Conversation conversation, List<Member> members) {
    session.send(BEGIN, buffer(conversation.id().bytes()), conversation.epoch().value(),
        Columns.uids(members.stream().map(Member::uid).toList()),
        members.stream().map(member -> number(member.role().getNumber())).toArray(Short[]::new),
        members.stream().map(member -> number(member.state().getNumber())).toArray(Short[]::new),
        members.stream().map(Member::key).map(key -> key == null ? null : key.accountSeq()).toArray(Long[]::new),
        members.stream().map(Member::key).map(key -> key == null ? null : key.aekGen()).toArray(Long[]::new));
  }

  private static @Nullable Buffer secret(Conversation conversation) {
    ByteString secret = conversation.linkSecret();
    return secret.isEmpty() ? null : buffer(secret);
  }

  private static @Nullable Buffer hash(Conversation conversation) {
    Encryption encryption = conversation.encryption();
    return encryption == null ? null : buffer(encryption.epochHash().bytes());
  }
}
