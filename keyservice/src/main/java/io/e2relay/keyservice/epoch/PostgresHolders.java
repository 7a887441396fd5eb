// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static io.e2relay.keyservice.database.Columns.buffer;
import static java.util.Objects.requireNonNull;

import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Roster;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.Signer;
import io.e2relay.protocol.verify.Accounts;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The accounts of those whom a record names, in PostgreSQL: of everybody what a roster says of them, and only the
/// signers' records whole, and those of who is said to have been reset.
///
/// An account may turn its key while an epoch is opened. Whoever is active already has a row with the old key before,
/// during and after: the work that follows the turn finds the conversation, waits for its lock and closes the epoch
/// that came out of it. Of somebody who becomes active here it would find nothing; so of them, and of nobody else, the
/// account's row is locked against its next put until this has been committed. Such a put locks no conversation, hence
/// never waits for whom it holds up.
final class PostgresHolders {
  private static final String HOLD = """
      SELECT count(*) AS held FROM (
        SELECT a.uid FROM keys.account a WHERE a.uid = ANY ($1::bytea[]) ORDER BY a.uid FOR KEY SHARE) h""";

  private static final String HEADS = """
      SELECT uid, tenant, seq, hash, aek_gen FROM keys.account WHERE uid = ANY ($1::bytea[])""";

  // Whose account is another than the roster says. A record is never replaced, so the same number is the same account.
  private static final String MOVED = """
      SELECT a.uid, a.tenant, a.seq, a.hash, a.aek_gen
      FROM keys.member m JOIN keys.account a ON a.uid = m.uid
      WHERE m.conversation_id = $1::bytea AND m.to_epoch IS NULL AND a.seq <> m.account_seq""";

  private static final String RECORDS = """
      SELECT r.record FROM unnest($1::bytea[], $2::bigint[]) AS q(uid, seq)
      JOIN keys.account_record r ON r.uid = q.uid AND r.seq = q.seq""";

  /// The number of a user's record.
  private record Named(Uid uid, long seq) {
  }

  private record Head(TenantId tenant, AccountKey key) {
  }

  /// What was sent behind the lock of a conversation.
  record Asked(Future<RowSet<Row>> moved, Future<RowSet<Row>> signer) {
  }

  private PostgresHolders() {
  }

  /// Asks which of the members' accounts have moved since the last record, and for that of the next one's signer.
  static Asked ask(PostgresSession session, ConversationId conversation, Signer signer) {
    return new Asked(session.send(MOVED, buffer(conversation.bytes())),
        askRecords(session, Set.of(new Named(signer.uid(), signer.accountSeq()))));
  }

  /// For the record of an epoch that follows another.
  ///
  /// @param now who is a member
  /// @param last read beside the next one: what is the same in both is the same object
  static Holders following(PostgresSession session, Conversation now, EpochStatement last, EpochStatement next,
      Asked asked) {
    Set<RosterEntry> settled = Collections.newSetFromMap(new IdentityHashMap<>(last.roster().size()));
    settled.addAll(last.roster());
    List<RosterEntry> others = next.roster().stream().filter(entry -> !settled.contains(entry)).toList();
    hold(session, others, now.roster());
    Map<Uid, Head> heads = new HashMap<>(heads(asked.moved().result()));
    boolean restart = next.reason() == EpochReason.RESTARTED;
    if (restart || !others.isEmpty()) {
      // Those who are held are read anew.
      heads.putAll(heads(session.run(HEADS, (Object) Columns.uids(restart ? uids(last, next) : uids(others)))));
    }
    settled.removeIf(entry -> heads.containsKey(entry.uid()));
    Map<Named, AccountRecord> records = new HashMap<>(records(asked.signer().result()));
    Set<Named> wanted = wanted(last, next, heads);
    wanted.removeAll(records.keySet());
    if (!wanted.isEmpty()) {
      Future<RowSet<Row>> more = askRecords(session, wanted);
      session.settle();
      records.putAll(records(more.result()));
    }
    Uid signer = next.rotator().uid();
    last.entry(signer).filter(settled::contains)
        .ifPresent(entry -> heads.put(signer, new Head(now.tenant(), entry.account())));
    return holders(now.tenant(), heads, settled, records);
  }

  /// For the first record of a conversation.
  static Holders beginning(PostgresSession session, TenantId tenant, Foundation wish) {
    EpochStatement first = wish.first().record().statement();
    Signer creator = wish.genesis().statement().creator();
    Signer rotator = first.rotator();
    hold(session, first.roster(), new Roster(List.of()));
    Future<RowSet<Row>> records = askRecords(session, new HashSet<>(
        List.of(new Named(creator.uid(), creator.accountSeq()), new Named(rotator.uid(), rotator.accountSeq()))));
    RowSet<Row> heads = session.run(HEADS, (Object) Columns.uids(uids(first.roster())));
    return holders(tenant, heads(heads), Set.of(), records(records.result()));
  }

  /// Of these those who are active in the record and are not among the members.
  private static void hold(PostgresSession session, List<RosterEntry> others, Roster now) {
    List<Uid> activated = others.stream().filter(RosterEntry::active).map(RosterEntry::uid).filter(uid -> {
      Member was = now.member(uid);
      return was == null || !was.active();
    }).toList();
    if (!activated.isEmpty()) {
      session.send(HOLD, (Object) Columns.uids(activated));
    }
  }

  /// Of the signer, as in the last roster and as now; and of everybody who has to have been reset, for a new beginning
  /// or to lose the key.
  private static Set<Named> wanted(EpochStatement last, EpochStatement next, Map<Uid, Head> heads) {
    Set<Named> wanted = new HashSet<>();
    boolean restart = next.reason() == EpochReason.RESTARTED;
    Set<Uid> waiting = next.roster().stream().filter(entry -> !entry.active()).map(RosterEntry::uid)
        .collect(Collectors.toSet());
    wanted.add(new Named(next.rotator().uid(), next.rotator().accountSeq()));
    last.roster().stream().filter(entry -> entry.uid().equals(next.rotator().uid())
        || (entry.active() && (restart || waiting.contains(entry.uid())))).forEach(entry -> {
          wanted.add(new Named(entry.uid(), entry.account().accountSeq()));
          Head head = heads.get(entry.uid());
          if (head != null) {
            wanted.add(new Named(entry.uid(), head.key().accountSeq()));
          }
        });
    return wanted;
  }

  private static Map<Uid, Head> heads(RowSet<Row> rows) {
    Map<Uid, Head> heads = new HashMap<>();
    for (Row row : rows) {
      heads.put(requireNonNull(Columns.uid(row, "uid")),
          new Head(requireNonNull(Columns.tenant(row)), new AccountKey(row.getLong("seq"),
              new Hash(requireNonNull(Columns.bytes(row, "hash"))), row.getLong("aek_gen"))));
    }
    return heads;
  }

  private static Future<RowSet<Row>> askRecords(PostgresSession session, Set<Named> wanted) {
    List<Named> list = List.copyOf(wanted);
    return session.send(RECORDS, Columns.uids(list.stream().map(Named::uid).toList()),
        list.stream().map(Named::seq).toArray(Long[]::new));
  }

  private static Map<Named, AccountRecord> records(RowSet<Row> rows) {
    Map<Named, AccountRecord> records = new HashMap<>();
    for (Row row : rows) {
      AccountRecord record = record(row);
      records.put(new Named(record.statement().uid(), record.statement().seq()), record);
    }
    return records;
  }

  private static Holders holders(TenantId tenant, Map<Uid, Head> heads, Set<RosterEntry> settled,
      Map<Named, AccountRecord> records) {
    Map<Uid, AccountKey> newest = new HashMap<>();
    Set<Uid> barred = new HashSet<>();
    heads.forEach((uid, head) -> {
      if (head.tenant().equals(tenant)) {
        newest.put(uid, head.key());
      } else {
        barred.add(uid);
      }
    });
    return new Holders(newest, barred, settled, new Accounts() {
      @Override
      public Optional<AccountRecord> record(Uid uid, long seq) {
        return Optional.ofNullable(records.get(new Named(uid, seq)));
      }

      @Override
      public Optional<AccountRecord> newest(Uid uid) {
        return Optional.ofNullable(newest.get(uid)).flatMap(key -> record(uid, key.accountSeq()));
      }
    });
  }

  private static List<Uid> uids(List<RosterEntry> entries) {
    return entries.stream().map(RosterEntry::uid).toList();
  }

  private static List<Uid> uids(EpochStatement last, EpochStatement next) {
    return Stream.concat(last.roster().stream(), next.roster().stream()).map(RosterEntry::uid).distinct().toList();
  }

  private static AccountRecord record(Row row) {
    return switch (AccountRecord.read(requireNonNull(Columns.bytes(row, "record")))) {
      case Reading.Read<AccountRecord>(AccountRecord record) -> record;
      case Reading.Unreadable<AccountRecord>(Fault fault) ->
        throw new IllegalStateException("a stored record is not readable: " + fault);
    };
  }
}
