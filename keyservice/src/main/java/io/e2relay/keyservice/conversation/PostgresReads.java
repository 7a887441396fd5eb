// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import static io.e2relay.keyservice.database.Columns.buffer;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Encryption;
import io.e2relay.keyservice.membership.KeyGeneration;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Phase;
import io.e2relay.keyservice.membership.ReadableEpochs;
import io.e2relay.keyservice.membership.Roster;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Reading;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What is read without changing anything: one statement each, so that every answer is of one moment.
public final class PostgresReads {
  // A genesis is as large as several members: it comes once, in the row of who asks.
  private static final String VIEW = """
      SELECT c.conversation_id, c.tenant, c.level, c.history, c.epoch, c.link_secret, c.created_ms, c.epoch_hash,
        c.closed, c.successor, CASE WHEN m.uid = $2::bytea THEN c.genesis END AS genesis,
        m.uid, m.role, m.state, m.account_seq, m.aek_gen, u.subject
      FROM keys.member me
      JOIN keys.conversation c ON c.conversation_id = me.conversation_id
      JOIN keys.member m ON m.conversation_id = me.conversation_id AND m.to_epoch IS NULL
      LEFT JOIN keys.app_user u ON u.uid = m.uid
      WHERE me.conversation_id = $1::bytea AND me.uid = $2::bytea AND me.to_epoch IS NULL
      ORDER BY m.uid""";

  // A page ends at its limit of conversations or of members in them, whichever comes first, and is never empty before
  // the end of the list. The first row of an empty page carries the version alone.
  private static final String LIST = """
      WITH mine AS (
        SELECT c.conversation_id, c.tenant, c.level, c.history, c.epoch, c.link_secret, c.created_ms, c.epoch_hash,
          c.closed, c.successor, c.genesis, row_number() OVER place AS number, sum(c.members) OVER place AS total
        FROM (SELECT conversation_id FROM keys.member
          WHERE uid = $1::bytea AND to_epoch IS NULL AND conversation_id > $2::bytea
          ORDER BY conversation_id LIMIT $3::int + 1) l
        JOIN keys.conversation c ON c.conversation_id = l.conversation_id
        WINDOW place AS (ORDER BY c.conversation_id)),
      page AS (SELECT * FROM mine WHERE number <= $3::int AND (number = 1 OR total <= $4::int))
      SELECT coalesce(v.version, 0) AS version,
        (SELECT count(*) FROM mine) > (SELECT count(*) FROM page) AS more,
        p.conversation_id, p.tenant, p.level, p.history, p.epoch, p.link_secret, p.created_ms, p.epoch_hash,
        p.closed, p.successor, CASE WHEN m.uid = $1::bytea THEN p.genesis END AS genesis,
        m.uid, m.role, m.state, m.account_seq, m.aek_gen, u.subject
      FROM (VALUES (1)) AS one(row)
      LEFT JOIN keys.app_user v ON v.uid = $1::bytea
      LEFT JOIN page p ON true
      LEFT JOIN keys.member m ON m.conversation_id = p.conversation_id AND m.to_epoch IS NULL
      LEFT JOIN keys.app_user u ON u.uid = m.uid
      ORDER BY p.conversation_id, m.uid""";

  private static final String STANDING = """
      SELECT c.level, c.history, c.epoch, m.from_epoch, m.to_epoch, m.role, m.state,
        ARRAY(SELECT DISTINCT g.epoch FROM keys.epoch_grant g
          WHERE g.conversation_id = $1::bytea AND g.grantee = $2::bytea AND g.kind = 2 ORDER BY g.epoch) AS shared
      FROM keys.member m JOIN keys.conversation c ON c.conversation_id = m.conversation_id
      WHERE m.conversation_id = $1::bytea AND m.uid = $2::bytea
      ORDER BY m.from_epoch""";

  private static final String ROSTER = """
      SELECT c.level, r.hash, m.uid
      FROM keys.conversation c
      LEFT JOIN keys.epoch_record r ON r.conversation_id = c.conversation_id AND r.epoch = $2::bigint
      LEFT JOIN keys.member m ON m.conversation_id = c.conversation_id AND m.from_epoch <= $2::bigint
        AND (m.to_epoch IS NULL OR m.to_epoch >= $2::bigint) AND m.state = 1
      WHERE c.conversation_id = $1::bytea AND c.epoch >= $2::bigint
      ORDER BY m.uid""";

  private PostgresReads() {
  }

  public static @Nullable View view(PostgresSession session, ConversationId id, Uid caller) {
    List<View> views = views(session.run(VIEW, buffer(id.bytes()), buffer(caller.bytes())));
    return views.isEmpty() ? null : views.getFirst();
  }

  static Listing list(PostgresSession session, Uid uid, @Nullable ConversationId after, int limit, int membersMax) {
    ByteString start = after == null ? ByteString.EMPTY : after.bytes();
    List<Row> rows = new ArrayList<>();
    session.run(LIST, buffer(uid.bytes()), buffer(start), limit, membersMax).forEach(rows::add);
    Row first = rows.getFirst();
    return new Listing(views(rows), first.getBoolean("more"), first.getLong("version"));
  }

  public static @Nullable Standing standing(PostgresSession session, ConversationId id, Uid uid) {
    List<ReadableEpochs.Interval> intervals = new ArrayList<>();
    Row last = null;
    for (Row row : session.run(STANDING, buffer(id.bytes()), buffer(uid.bytes()))) {
      intervals.add(new ReadableEpochs.Interval(new Epoch(row.getLong("from_epoch")), epoch(row.getLong("to_epoch")),
          Columns.state(row)));
      last = row;
    }
    if (last == null || last.getLong("to_epoch") != null) {
      return null;
    }
    return new Standing(Columns.level(last), new Epoch(last.getLong("epoch")),
        new Member(uid, Columns.role(last), Columns.state(last)), ReadableEpochs.ranges(Columns.history(last),
            intervals, Stream.of(last.getArrayOfLongs("shared")).map(Epoch::new).toList()));
  }

  static @Nullable ActiveRoster roster(PostgresSession session, ConversationId id, Epoch epoch) {
    List<Uid> uids = new ArrayList<>();
    Row first = null;
    for (Row row : session.run(ROSTER, buffer(id.bytes()), epoch.value())) {
      first = first == null ? row : first;
      Uid uid = Columns.uid(row, "uid");
      if (uid != null) {
        uids.add(uid);
      }
    }
    return first == null
        ? null
        : new ActiveRoster(Columns.level(first), List.copyOf(uids), Columns.bytes(first, "hash"));
  }

  private static @Nullable Epoch epoch(@Nullable Long value) {
    return value == null ? null : new Epoch(value);
  }

  /// Rows of members, in the order of their conversations, as conversations.
  private static List<View> views(Iterable<Row> rows) {
    List<View> views = new ArrayList<>();
    List<Member> members = new ArrayList<>();
    Map<Uid, String> subjects = new HashMap<>();
    Row head = null;
    for (Row row : rows) {
      if (head != null && !Objects.equals(head.getBuffer("conversation_id"), row.getBuffer("conversation_id"))) {
        views.add(view(head, members, subjects));
        members.clear();
        subjects.clear();
        head = null;
      }
      Uid uid = Columns.uid(row, "uid");
      if (uid != null) {
        head = head == null || row.getBuffer("genesis") != null ? row : head;
        members.add(member(uid, row));
        String subject = row.getString("subject");
        if (subject != null) {
          subjects.put(uid, subject);
        }
      }
    }
    if (head != null) {
      views.add(view(head, members, subjects));
    }
    return List.copyOf(views);
  }

  private static View view(Row head, List<Member> members, Map<Uid, String> subjects) {
    return new View(conversation(head, Objects.requireNonNull(Columns.conversation(head)), new Roster(members)),
        subjects, head.getLong("created_ms"));
  }

  static Member member(Uid uid, Row row) {
    Long seq = row.getLong("account_seq");
    return new Member(uid, Columns.role(row), Columns.state(row),
        seq == null ? null : new KeyGeneration(seq, row.getLong("aek_gen")));
  }

  static Conversation conversation(Row row, ConversationId id, Roster roster) {
    ByteString secret = Columns.bytes(row, "link_secret");
    ByteString successor = Columns.bytes(row, "successor");
    return new Conversation(id, Objects.requireNonNull(Columns.tenant(row)), Columns.level(row), Columns.history(row),
        new Epoch(row.getLong("epoch")), roster, secret == null ? ByteString.EMPTY : secret,
        new Phase(row.getBoolean("closed"), successor == null ? null : new ConversationId(successor)), encryption(row));
  }

  private static @Nullable Encryption encryption(Row row) {
    ByteString genesis = Columns.bytes(row, "genesis");
    if (genesis == null) {
      return null;
    }
    return switch (Genesis.read(genesis)) {
      case Reading.Read<Genesis>(Genesis read) ->
        new Encryption(read, new Hash(Objects.requireNonNull(Columns.bytes(row, "epoch_hash"))));
      case Reading.Unreadable<Genesis>(Fault fault) ->
        throw new IllegalStateException("a stored genesis is not readable: " + fault);
    };
  }
}
