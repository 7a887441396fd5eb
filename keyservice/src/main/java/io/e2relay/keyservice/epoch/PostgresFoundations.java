// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static io.e2relay.keyservice.database.Columns.buffer;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.conversation.Controls;
import io.e2relay.keyservice.conversation.EpochHooks;
import io.e2relay.keyservice.conversation.News;
import io.e2relay.keyservice.conversation.PostgresFence;
import io.e2relay.keyservice.conversation.PostgresReads;
import io.e2relay.keyservice.conversation.PostgresRosters;
import io.e2relay.keyservice.conversation.PostgresUsers;
import io.e2relay.keyservice.conversation.View;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.membership.Change;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Phase;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.wire.ChangeKind;
import io.e2relay.protocol.wire.Control;
import io.vertx.sqlclient.Row;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How encrypted conversations begin in PostgreSQL: by themselves, or as what an open one becomes.
final class PostgresFoundations {
  // Waits for another try of the same request, if one is under way.
  private static final String REQUEST = """
      INSERT INTO keys.create_request (uid, request_id, conversation_id, content_hash)
      VALUES ($1::bytea, $2::bytea, $3::bytea, $4::bytea)
      ON CONFLICT (uid, request_id) DO NOTHING RETURNING conversation_id""";

  private static final String REQUESTED = """
      SELECT conversation_id, content_hash FROM keys.create_request
      WHERE uid = $1::bytea AND request_id = $2::bytea""";

  private final FoundationRules rules;
  private final EpochHooks hooks;

  PostgresFoundations(FoundationRules rules, EpochHooks hooks) {
    this.rules = rules;
    this.hooks = hooks;
  }

  Founding found(PostgresSession session, Foundation wish, ByteString requestId) {
    Objection unfit = FoundationRules.unfit(wish, GenesisStatement.NO_PREDECESSOR);
    if (unfit != null) {
      return new Founding.Refused(unfit);
    }
    session.begin();
    Uid creator = wish.by().uid();
    EpochRecord first = wish.first().record();
    ByteString content = Hash.of(wish.id().bytes(), first.hash().bytes()).bytes();
    if (session.first(REQUEST, buffer(creator.bytes()), buffer(requestId), buffer(wish.id().bytes()),
        buffer(content)) == null) {
      return repeated(session, creator, requestId, content);
    }
    return switch (rules.decide(wish, PostgresHolders.beginning(session, wish.by().tenant(), wish))) {
      case EpochRuling.Known _ -> throw new IllegalStateException("nothing is known of a new conversation");
      case EpochRuling.Refused(Objection why) -> new Founding.Refused(why);
      case EpochRuling.Open(Conversation made, List<Change> changes) -> {
        ConversationId other = made.direct() ? PostgresDirects.take(session, made) : null;
        if (other != null) {
          yield seen(session, other, creator);
        }
        Long createdMs = PostgresRosters.create(session, made, creator);
        yield createdMs == null
            ? seen(session, made.id(), creator)
            : begin(session, new Begun(wish, made, createdMs, changes), null);
      }
    };
  }

  Founding upgrade(PostgresSession session, ConversationId id, Foundation wish) {
    if (!PostgresRosters.inside(session, id, wish.by().uid())) {
      return new Founding.Refused(Objection.of(ErrorCode.NOT_A_MEMBER));
    }
    Objection unfit = FoundationRules.unfit(wish, id);
    if (unfit != null) {
      return new Founding.Refused(unfit);
    }
    session.begin();
    Conversation open = requireNonNull(PostgresRosters.lock(session, id), "conversations do not vanish").now();
    if (wish.id().equals(open.phase().successor())) {
      return seen(session, wish.id(), wish.by().uid());
    }
    return switch (rules.decide(open, wish, PostgresHolders.beginning(session, open.tenant(), wish))) {
      case EpochRuling.Known _ -> throw new IllegalStateException("nothing is known of a new conversation");
      case EpochRuling.Refused(Objection why) -> new Founding.Refused(why);
      case EpochRuling.Open(Conversation made, List<Change> changes) -> {
        Long createdMs = made.direct() && PostgresDirects.take(session, made) != null
            ? null
            : PostgresRosters.create(session, made, wish.by().uid());
        // Neither a second one of the same two, nor one that is there without this one as its beginning.
        yield createdMs == null
            ? new Founding.Refused(Objection.of(ErrorCode.NOT_ALLOWED))
            : begin(session, new Begun(wish, made, createdMs, changes), open);
      }
    };
  }

  private record Begun(Foundation wish, Conversation made, long createdMs, List<Change> changes) {
  }

  /// @param open the conversation that goes on as this one, if there is one
  private Founding begin(PostgresSession session, Begun begun, @Nullable Conversation open) {
    Conversation made = begun.made();
    EpochRecord first = begun.wish().first().record();
    PostgresEpochs.wrap(session, begun.wish().first());
    if (open != null) {
      PostgresRosters.save(session, open, open.in(new Phase(true, made.id()), open.roster()));
    }
    PostgresUsers.Touched touched = PostgresUsers.touch(session,
        made.roster().members().stream().map(Member::uid).toList());
    // Asked of the locked rows of the users: who connects at the same time finds the membership, or is found here.
    if (touched.anyBarred(made.tenant(), made.roster())) {
      return new Founding.Refused(Objection.of(ErrorCode.NOT_ALLOWED));
    }
    hooks.opened(session, first, false);
    Control.Builder entry = Controls.of(made.id(), made.epoch(), begun.changes());
    List<News> news = open == null
        ? List.of(new News(PostgresFence.open(session, entry, first), begun.changes(), touched.versions()))
        : both(session, begun, open, touched.versions());
    session.commit();
    return new Founding.Founded(touched.named(new View(made, Map.of(), begun.createdMs())), news);
  }

  /// The two heads in the order of the ids, as everybody locks several.
  private static List<News> both(PostgresSession session, Begun begun, Conversation open, Map<Uid, Long> versions) {
    Conversation made = begun.made();
    Uid by = begun.wish().by().uid();
    List<Change> ending = List.of(new Change(ChangeKind.CHANGE_KIND_UPGRADED, by, by));
    Control.Builder end = Controls.of(open.id(), open.epoch(), ending).setSuccessor(made.id().bytes());
    Control.Builder beginning = Controls.of(made.id(), made.epoch(), begun.changes());
    boolean oldFirst = ByteString.unsignedLexicographicalComparator().compare(open.id().bytes(), made.id().bytes()) < 0;
    if (oldFirst) {
      PostgresFence.close(session, false, end);
    }
    Control opened = PostgresFence.open(session, beginning, begun.wish().first().record());
    if (!oldFirst) {
      PostgresFence.close(session, false, end);
    }
    return List.of(new News(opened, begun.changes(), versions), new News(end.build(), ending, versions));
  }

  private static Founding repeated(PostgresSession session, Uid creator, ByteString requestId, ByteString content) {
    Row first = requireNonNull(session.first(REQUESTED, buffer(creator.bytes()), buffer(requestId)),
        "the request in the way");
    return content.equals(Columns.bytes(first, "content_hash"))
        ? seen(session, requireNonNull(Columns.conversation(first)), creator)
        : new Founding.Refused(Objection.of(ErrorCode.DUPLICATE_DIFFERS));
  }

  private static Founding seen(PostgresSession session, ConversationId id, Uid caller) {
    View view = PostgresReads.view(session, id, caller);
    return view == null ? new Founding.Refused(Objection.of(ErrorCode.NOT_A_MEMBER)) : new Founding.Found(view);
  }
}
