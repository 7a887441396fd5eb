// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import static io.e2relay.keyservice.database.Columns.buffer;

import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.membership.Change;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Creation;
import io.e2relay.keyservice.membership.Decision;
import io.e2relay.keyservice.membership.Door;
import io.e2relay.keyservice.membership.Membership;
import io.e2relay.keyservice.membership.Request;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.Control;
import io.vertx.sqlclient.Row;
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

  // Of all epochs: nobody who is no longer a member is handed a key.
  private static final String UNWRAP = """
      DELETE FROM keys.wrap WHERE conversation_id = $1::bytea AND uid = ANY ($2::bytea[])""";

  // Waits for another try of the same request, if one is under way.
  private static final String REQUEST = """
      INSERT INTO keys.create_request (uid, request_id, conversation_id, content_hash)
      VALUES ($1::bytea, $2::bytea, $3::bytea, $4::bytea)
      ON CONFLICT (uid, request_id) DO NOTHING RETURNING conversation_id""";

  private static final String REQUESTED = """
      SELECT conversation_id, content_hash FROM keys.create_request
      WHERE uid = $1::bytea AND request_id = $2::bytea""";

  private final PostgresSessions sessions;
  private final Membership rules;
  private final int listMembersMax;
  private final EpochHooks hooks;

  /// @param listMembersMax members in the conversations of one page at most
  public PostgresConversations(PostgresSessions sessions, Membership rules, int listMembersMax, EpochHooks hooks) {
    this.sessions = sessions;
    this.rules = rules;
    this.listMembersMax = listMembersMax;
    this.hooks = hooks;
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
    Row mine = session.first(REQUEST, buffer(wish.creator().bytes()), buffer(wish.requestId()),
        buffer(wish.id().bytes()), buffer(wish.contentHash()));
    if (mine == null) {
      return repeated(session, wish);
    }
    long createdMs = Objects.requireNonNull(PostgresRosters.create(session, changed.after(), wish.creator()),
        "a random id is a new one");
    return finish(session, null, changed, new View(changed.after(), Map.of(), createdMs), Set.of());
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
    PostgresRosters.Locked locked = Objects.requireNonNull(PostgresRosters.lock(session, id),
        "conversations do not vanish");
    Conversation now = locked.now();
    return switch (rules.decide(now, request)) {
      case Decision.Changed changed -> {
        Set<Uid> concerned = PostgresRosters.save(session, now, changed.after());
        unwrap(session, changed);
        View after = new View(changed.after(), locked.subjects(), locked.createdMs());
        yield finish(session, now, changed, after, concerned);
      }
      case Decision.Unchanged _ -> new Outcome.Unchanged(locked.view());
      case Decision.Refused(ErrorCode code) -> new Outcome.Refused(code);
    };
  }

  private void unwrap(PostgresSession session, Decision.Changed changed) {
    Conversation after = changed.after();
    List<Uid> gone = changed.changes().stream().filter(Change::ends).map(Change::uid).toList();
    if (after.encryption() != null && !gone.isEmpty()) {
      session.run(UNWRAP, buffer(after.id().bytes()), Columns.uids(gone));
      hooks.removed(session, after.id(), gone);
    }
  }

  /// The same end for every change: users, fence, commit.
  private static Outcome finish(PostgresSession session, @Nullable Conversation before, Decision.Changed changed,
      View after, Set<Uid> concerned) {
    Conversation now = changed.after();
    Set<Uid> touching = new HashSet<>(concerned);
    changed.changes().stream().map(Change::uid).forEach(touching::add);
    PostgresUsers.Touched touched = PostgresUsers.touch(session, touching);
    // Asked of the locked rows of the users: who connects at the same time finds the membership, or is found here.
    if (touched.anyOutside(now.tenant(), now.roster())) {
      return new Outcome.Refused(ErrorCode.NOT_ALLOWED);
    }
    Control.Builder entry = Controls.of(now.id(), now.epoch(), changed.changes()).setClosed(!changed.open());
    Control control = before != null && before.epoch().equals(now.epoch())
        ? PostgresFence.close(session, before.phase().closed(), entry)
        : PostgresFence.begin(session, entry);
    session.commit();
    return new Outcome.Changed(touched.named(after), new News(control, changed.changes(), touched.versions()));
  }
}
