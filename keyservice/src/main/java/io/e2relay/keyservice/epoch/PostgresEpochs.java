// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static io.e2relay.keyservice.database.Columns.buffer;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.conversation.Controls;
import io.e2relay.keyservice.conversation.EpochHooks;
import io.e2relay.keyservice.conversation.News;
import io.e2relay.keyservice.conversation.Outcome;
import io.e2relay.keyservice.conversation.PostgresFence;
import io.e2relay.keyservice.conversation.PostgresRosters;
import io.e2relay.keyservice.conversation.PostgresUsers;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.membership.Change;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.wire.Control;
import io.vertx.sqlclient.Row;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The epochs in PostgreSQL.
///
/// An epoch is opened in one transaction of one conversation: lock its row, read everything anew, decide, save, touch
/// the users, and move the store's fence last. So of two records for one epoch one comes too late, and a removal comes
/// either before, and is heeded, or after, and closes the epoch again.
public final class PostgresEpochs implements Epochs {
  private static final String LAST = """
      SELECT r.record, r.seq, r.stored_ms
      FROM keys.conversation c JOIN keys.epoch_record r ON r.conversation_id = c.conversation_id AND r.epoch = c.epoch
      WHERE c.conversation_id = $1::bytea""";

  // One value after the other in one parameter each: a thousand parameters are as much work as all the rest.
  private static final String WRAP = """
      INSERT INTO keys.wrap (conversation_id, epoch, uid, wrap)
      SELECT $1::bytea, $2::bigint, substring($3::bytea FROM 16 * w.number + 1 FOR 16),
        substring($4::bytea FROM 113 * w.number + 1 FOR 113)
      FROM generate_series(0, octet_length($3::bytea) / 16 - 1) AS w(number)""";

  private final PostgresSessions sessions;
  private final EpochRules rules;
  private final PostgresFoundations foundations;
  private final EpochHooks hooks;

  /// @param membersMax how many members a conversation has at most
  public PostgresEpochs(PostgresSessions sessions, int membersMax, EpochHooks hooks) {
    this.sessions = sessions;
    this.rules = new EpochRules(membersMax);
    this.foundations = new PostgresFoundations(new FoundationRules(membersMax), hooks);
    this.hooks = hooks;
  }

  @Override
  public Founding found(Foundation wish, ByteString requestId, long nowMs) {
    return sessions.with(session -> foundations.found(session, wish, requestId));
  }

  @Override
  public Founding upgrade(ConversationId open, Foundation wish, long nowMs) {
    return sessions.with(session -> foundations.upgrade(session, open, wish));
  }

  @Override
  public Opening put(EpochPut put, long nowMs) {
    return sessions.with(session -> put(session, put));
  }

  @Override
  public Chapter records(ConversationId id, Uid caller, long after) {
    return sessions.with(session -> PostgresChapters.records(session, id, caller, after));
  }

  @Override
  public Keyring wraps(ConversationId id, Uid caller, long after) {
    return sessions.with(session -> PostgresChapters.wraps(session, id, caller, after));
  }

  private Opening put(PostgresSession session, EpochPut put) {
    ConversationId id = put.conversation();
    if (!PostgresRosters.inside(session, id, put.by().uid())) {
      return new Opening.Refused(Objection.of(ErrorCode.NOT_A_MEMBER));
    }
    Objection unfit = EpochRules.unfit(put);
    if (unfit != null) {
      return new Opening.Refused(unfit);
    }
    session.begin();
    EpochRecord next = put.epoch().record();
    var locked = PostgresRosters.askLock(session, id);
    var asked = PostgresHolders.ask(session, id, next.statement().rotator());
    Row row = session.first(LAST, buffer(id.bytes()));
    if (row == null) {
      // Not an encrypted conversation: it has no records at all.
      return new Opening.Refused(Objection.of(Fault.WRONG_CONTEXT));
    }
    EpochRecord last = record(row, next);
    Conversation now = now(session, PostgresRosters.head(id, locked.result()), last);
    Holders holders = PostgresHolders.following(session, now, last.statement(), next.statement(), asked);
    return switch (rules.decide(now, last, holders, put)) {
      case EpochRuling.Known _ ->
        new Opening.Before(now.epoch(), new Outcome.LogEntry(row.getLong("seq"), row.getLong("stored_ms")));
      case EpochRuling.Refused(Objection why) -> new Opening.Refused(why);
      case EpochRuling.Open(Conversation after, List<Change> changes) -> {
        Set<Uid> touching = new HashSet<>(PostgresRosters.save(session, now, after));
        changes.forEach(change -> touching.add(change.uid()));
        wrap(session, put.epoch());
        PostgresUsers.Touched touched = PostgresUsers.touch(session, touching);
        // Asked of the locked rows of the users: who connects at the same time finds the membership, or is found here.
        if (touched.anyBarred(after.tenant(), after.roster())) {
          yield new Opening.Refused(Objection.of(ErrorCode.NOT_ALLOWED));
        }
        boolean awaited = now.phase().closed() || !now.roster().members().stream().allMatch(Member::active);
        hooks.opened(session, next, awaited);
        Control control = PostgresFence.open(session, Controls.of(id, after.epoch(), changes), next);
        session.commit();
        yield new Opening.Opened(after.epoch(), new News(control, changes, touched.versions()));
      }
    };
  }

  /// Between two records nobody comes, and who goes is counted: as many as in the last one are the same.
  private static Conversation now(PostgresSession session, PostgresRosters.Head head, EpochRecord last) {
    boolean same = head.members() == last.statement().roster().size();
    return head.with(
        same ? Rosters.roster(last.statement()) : PostgresRosters.roster(session, last.statement().conversation()));
  }

  static void wrap(PostgresSession session, Sealed epoch) {
    var statement = epoch.record().statement();
    session.send(WRAP, buffer(statement.conversation().bytes()), statement.epoch().value(),
        Columns.joined(statement.roster().stream().filter(RosterEntry::active).map(entry -> entry.uid().bytes())),
        Columns.joined(epoch.wraps().stream()));
  }

  private static EpochRecord record(Row row, EpochRecord similar) {
    return switch (EpochRecord.readBeside(similar, requireNonNull(Columns.bytes(row, "record")))) {
      case Reading.Read<EpochRecord>(EpochRecord record) -> record;
      case Reading.Unreadable<EpochRecord>(Fault fault) ->
        throw new IllegalStateException("a stored record is not readable: " + fault);
    };
  }
}
