// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import static io.e2relay.keyservice.database.Columns.buffer;
import static io.e2relay.keyservice.database.Columns.number;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.membership.Change;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Creation;
import io.e2relay.keyservice.membership.Decision;
import io.e2relay.keyservice.membership.Door;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Membership;
import io.e2relay.keyservice.membership.Request;
import io.e2relay.keyservice.membership.Roster;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The conversations in PostgreSQL.
///
/// A change is one transaction of one conversation: lock its row, read its roster, decide, save the roster, touch the
/// users, and move the store's fence last. So whoever appends waits for the shortest time, and meets either the old
/// epoch or the new one with its roster.
public final class PostgresConversations implements Conversations {
  private static final String DOOR = """
      SELECT c.tenant, c.link_secret, m.uid
      FROM (VALUES ($1::bytea, $2::bytea)) AS q(conversation_id, uid)
      LEFT JOIN keys.conversation c ON c.conversation_id = q.conversation_id
      LEFT JOIN keys.member m ON m.conversation_id = q.conversation_id AND m.uid = q.uid AND m.to_epoch IS NULL""";

  private static final String LOCK = """
      SELECT tenant, level, history, epoch, link_secret, created_ms
      FROM keys.conversation WHERE conversation_id = $1::bytea FOR UPDATE""";

  private static final String ROSTER_NOW = """
      SELECT m.uid, m.role, m.state, u.subject
      FROM keys.member m LEFT JOIN keys.app_user u ON u.uid = m.uid
      WHERE m.conversation_id = $1::bytea AND m.to_epoch IS NULL""";

  private static final String MOVE = """
      UPDATE keys.conversation SET epoch = $2::bigint, link_secret = $3::bytea, members = $4::int
      WHERE conversation_id = $1::bytea""";

  private static final String END = """
      UPDATE keys.member SET to_epoch = $3::bigint
      WHERE conversation_id = $1::bytea AND uid = ANY ($2::bytea[]) AND to_epoch IS NULL""";

  private static final String BEGIN = """
      INSERT INTO keys.member (conversation_id, uid, from_epoch, to_epoch, role, state)
      SELECT $1::bytea, t.uid, $2::bigint, NULL, t.role, t.state
      FROM unnest($3::bytea[], $4::smallint[], $5::smallint[]) AS t(uid, role, state)""";

  private static final String FENCE = """
      SELECT last_seq, received_ms FROM store.fence($1::bytea, $2::bigint, $3::boolean, $4::bytea)""";

  // Waits for another try of the same request, if one is under way.
  private static final String REQUEST = """
      INSERT INTO keys.create_request (uid, request_id, conversation_id, content_hash)
      VALUES ($1::bytea, $2::bytea, $3::bytea, $4::bytea)
      ON CONFLICT (uid, request_id) DO NOTHING RETURNING conversation_id""";

  private static final String REQUESTED = """
      SELECT conversation_id, content_hash FROM keys.create_request
      WHERE uid = $1::bytea AND request_id = $2::bytea""";

  private static final String CREATE = """
      INSERT INTO keys.conversation (conversation_id, tenant, level, history, epoch, link_secret, members, created_by,
        created_ms)
      VALUES ($1::bytea, $2::bytea, $3::smallint, $4::smallint, $5::bigint, $6::bytea, $7::int, $8::bytea,
        (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
      RETURNING created_ms""";

  private final PostgresSessions sessions;
  private final Membership rules;
  private final int listMembersMax;

  /// @param listMembersMax members in the conversations of one page at most
  public PostgresConversations(PostgresSessions sessions, Membership rules, int listMembersMax) {
    this.sessions = sessions;
    this.rules = rules;
    this.listMembersMax = listMembersMax;
  }

  @Override
  public SignIn signIn(TenantId tenant, Uid uid, String subject) {
    return sessions.with(session -> PostgresUsers.signIn(session, tenant, uid, subject));
  }

  @Override
  public @Nullable View view(ConversationId id, Uid caller) {
    return sessions.with(session -> PostgresReads.view(session, id, caller));
  }

  @Override
  public Listing list(Uid uid, @Nullable ConversationId after, int limit) {
    return sessions.with(session -> PostgresReads.list(session, uid, after, limit, listMembersMax));
  }

  @Override
  public @Nullable Standing standing(ConversationId id, Uid uid) {
    return sessions.with(session -> PostgresReads.standing(session, id, uid));
  }

  @Override
  public @Nullable ActiveRoster roster(ConversationId id, Epoch epoch) {
    return sessions.with(session -> PostgresReads.roster(session, id, epoch));
  }

  @Override
  public Outcome create(Creation wish) {
    return switch (rules.create(wish)) {
      case Decision.Changed changed -> sessions.with(session -> create(session, wish, changed));
      case Decision.Refused(ErrorCode code) -> new Outcome.Refused(code);
      case Decision.Unchanged _ -> throw new IllegalStateException("a new conversation is a change");
    };
  }

  @Override
  public Outcome change(ConversationId id, Request request) {
    return sessions.with(session -> change(session, id, request));
  }

  private static Outcome create(PostgresSession session, Creation wish, Decision.Changed changed) {
    session.begin();
    Buffer creator = buffer(wish.creator().bytes());
    Row mine = session.first(REQUEST, creator, buffer(wish.requestId()), buffer(wish.id().bytes()),
        buffer(wish.contentHash()));
    if (mine == null) {
      return repeated(session, wish);
    }
    Conversation made = changed.after();
    Row row = session.first(CREATE, buffer(made.id().bytes()), buffer(made.tenant().bytes()),
        number(made.level().getNumber()), number(made.history().getNumber()), made.epoch().value(), secret(made),
        made.roster().size(), creator);
    begin(session, made, made.roster().members());
    Map<Uid, String> subjects = new HashMap<>();
    return finish(session, changed, subjects, Objects.requireNonNull(row).getLong("created_ms"), Set.of());
  }

  private static Outcome repeated(PostgresSession session, Creation wish) {
    Row first = Objects.requireNonNull(
        session.first(REQUESTED, buffer(wish.creator().bytes()), buffer(wish.requestId())), "the request in the way");
    if (!wish.contentHash().equals(Columns.bytes(first, "content_hash"))) {
      return new Outcome.Refused(ErrorCode.DUPLICATE_DIFFERS);
    }
    View view = PostgresReads.view(session, Objects.requireNonNull(Columns.conversation(first)), wish.creator());
    return view == null ? new Outcome.Refused(ErrorCode.NOT_A_MEMBER) : new Outcome.Unchanged(view);
  }

  private Outcome change(PostgresSession session, ConversationId id, Request request) {
    // Strangers are turned away here, without a lock and at the same cost whether the conversation exists or not.
    Row door = Objects.requireNonNull(session.first(DOOR, buffer(id.bytes()), buffer(request.by().bytes())));
    if (!new Door(Columns.tenant(door), Columns.bytes(door, "link_secret"), Columns.uid(door, "uid") != null)
        .opensTo(request)) {
      return new Outcome.Refused(ErrorCode.NOT_A_MEMBER);
    }
    session.begin();
    Row head = Objects.requireNonNull(session.first(LOCK, buffer(id.bytes())), "conversations do not vanish");
    List<Member> members = new ArrayList<>();
    Map<Uid, String> subjects = new HashMap<>();
    for (Row row : session.run(ROSTER_NOW, buffer(id.bytes()))) {
      Uid uid = Objects.requireNonNull(Columns.uid(row, "uid"));
      members.add(new Member(uid, Columns.role(row), Columns.state(row)));
      String subject = row.getString("subject");
      if (subject != null) {
        subjects.put(uid, subject);
      }
    }
    Conversation now = PostgresReads.conversation(head, id, new Roster(members));
    long createdMs = head.getLong("created_ms");
    return switch (rules.decide(now, request)) {
      case Decision.Changed changed -> {
        Set<Uid> concerned = save(session, now, changed.after());
        yield finish(session, changed, subjects, createdMs, concerned);
      }
      case Decision.Unchanged _ -> new Outcome.Unchanged(new View(now, subjects, createdMs));
      case Decision.Refused(ErrorCode code) -> new Outcome.Refused(code);
    };
  }

  /// Saves the difference of the rosters; tells whose membership is another than before.
  private static Set<Uid> save(PostgresSession session, Conversation before, Conversation after) {
    Buffer id = buffer(after.id().bytes());
    session.run(MOVE, id, after.epoch().value(), secret(after), after.roster().size());
    List<Member> ended = before.roster().unlike(after.roster());
    if (!ended.isEmpty()) {
      session.run(END, id, Columns.uids(ended.stream().map(Member::uid).toList()), before.epoch().value());
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
    session.run(BEGIN, buffer(conversation.id().bytes()), conversation.epoch().value(),
        Columns.uids(members.stream().map(Member::uid).toList()),
        members.stream().map(member -> number(member.role().getNumber())).toArray(Short[]::new),
        members.stream().map(member -> number(member.state().getNumber())).toArray(Short[]::new));
  }

  /// The same end for every change: users, fence, commit.
  private static Outcome finish(PostgresSession session, Decision.Changed changed, Map<Uid, String> subjects,
      long createdMs, Set<Uid> concerned) {
    Conversation after = changed.after();
    Set<Uid> touching = new HashSet<>(concerned);
    changed.changes().stream().map(Change::uid).forEach(touching::add);
    PostgresUsers.Touched touched = PostgresUsers.touch(session, touching);
    // Asked of the locked rows of the users: who connects at the same time finds the membership, or is found here.
    if (touched.anyOutside(after.tenant(), after.roster())) {
      return new Outcome.Refused(ErrorCode.NOT_ALLOWED);
    }
    Row fence = session.first(FENCE, buffer(after.id().bytes()), after.epoch().value(), changed.open(),
        buffer(Controls.of(after.id(), after.epoch(), changed.changes()).build().toByteString()));
    if (fence == null) {
      throw new IllegalStateException("the store refuses an epoch that follows the last one");
    }
    Outcome.LogEntry entry = new Outcome.LogEntry(fence.getLong("last_seq"), fence.getLong("received_ms"));
    session.commit();
    Map<Uid, String> names = new HashMap<>(subjects);
    names.putAll(touched.subjects());
    names.keySet().retainAll(after.roster().members().stream().map(Member::uid).toList());
    return new Outcome.Changed(new View(after, names, createdMs), changed.changes(), entry, touched.versions());
  }

  private static @Nullable Buffer secret(Conversation conversation) {
    ByteString secret = conversation.linkSecret();
    return secret.isEmpty() ? null : buffer(secret);
  }
}
