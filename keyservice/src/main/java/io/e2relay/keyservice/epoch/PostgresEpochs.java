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
import io.e2relay.protocol.wire.Control;
import io.vertx.sqlclient.Row;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// The epochs in PostgreSQL.
///
/// An epoch is opened in one transaction of one conversation: lock its row, read everything anew, decide, save, touch
/// the users, and move the store's fence last. So of two records for one epoch one comes too late, and a removal comes
/// either before, and is heeded, or after, and closes the epoch again.
public final class PostgresEpochs implements Epochs {
  private static final String LAST = """
      SELECT record, seq, stored_ms FROM keys.epoch_record WHERE conversation_id = $1::bytea AND epoch = $2::bigint""";

  private static final String WRAP = """
      INSERT INTO keys.wrap (conversation_id, epoch, uid, wrap)
      SELECT $1::bytea, $2::bigint, w.uid, w.wrap FROM unnest($3::bytea[], $4::bytea[]) AS w(uid, wrap)""";

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
    return sessions.with(session -> foundations.found(session, wish, requestId, nowMs));
  }

  @Override
  public Founding upgrade(ConversationId open, Foundation wish, long nowMs) {
    return sessions.with(session -> foundations.upgrade(session, open, wish, nowMs));
  }

  @Override
  public Opening put(EpochPut put, long nowMs) {
    return sessions.with(session -> put(session, put, nowMs));
  }

  @Override
  public Chapter records(ConversationId id, Uid caller, long after) {
    return sessions.with(session -> PostgresChapters.records(session, id, caller, after));
  }

  @Override
  public Keyring wraps(ConversationId id, Uid caller, long after) {
    return sessions.with(session -> PostgresChapters.wraps(session, id, caller, after));
  }

  private Opening put(PostgresSession session, EpochPut put, long nowMs) {
    ConversationId id = put.conversation();
    if (!PostgresRosters.inside(session, id, put.by().uid())) {
      return new Opening.Refused(Objection.of(ErrorCode.NOT_A_MEMBER));
    }
    Objection unfit = EpochRules.unfit(put);
    if (unfit != null) {
      return new Opening.Refused(unfit);
    }
    session.begin();
    Conversation now = requireNonNull(PostgresRosters.lock(session, id), "conversations do not vanish").now();
    Row row = session.first(LAST, buffer(id.bytes()), now.epoch().value());
    if (row == null) {
      // Not an encrypted conversation: it has no records at all.
      return new Opening.Refused(Objection.of(Fault.WRONG_CONTEXT));
    }
    EpochRecord last = record(row);
    Set<Uid> active = now.roster().members().stream().filter(Member::active).map(Member::uid)
        .collect(Collectors.toSet());
    Holders holders = PostgresHolders.following(session, now.tenant(), last.statement(),
        put.epoch().record().statement(), active);
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
        hooks.opened(session, id, put.epoch().record(), nowMs);
        Control control = PostgresFence.open(session, Controls.of(id, after.epoch(), changes), put.epoch().record());
        session.commit();
        yield new Opening.Opened(after.epoch(), new News(control, changes, touched.versions()));
      }
    };
  }

  static void wrap(PostgresSession session, Sealed epoch) {
    var statement = epoch.record().statement();
    session.run(WRAP, buffer(statement.conversation().bytes()), statement.epoch().value(),
        Columns.uids(statement.roster().stream().filter(entry -> entry.active()).map(entry -> entry.uid()).toList()),
        epoch.wraps().stream().map(Columns::buffer).toArray(io.vertx.core.buffer.Buffer[]::new));
  }

  private static EpochRecord record(Row row) {
    return switch (EpochRecord.read(requireNonNull(Columns.bytes(row, "record")))) {
      case Reading.Read<EpochRecord>(EpochRecord record) -> record;
      case Reading.Unreadable<EpochRecord>(Fault fault) ->
        throw new IllegalStateException("a stored record is not readable: " + fault);
    };
  }
}
