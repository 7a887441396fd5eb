// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static java.util.Objects.requireNonNull;

import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
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
import io.vertx.sqlclient.Row;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// The accounts of those whom a record names, in PostgreSQL: of everybody what a roster says of them, and only the
/// signers' records whole.
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

  private static final String RECORDS = """
      SELECT r.record FROM unnest($1::bytea[], $2::bigint[]) AS q(uid, seq)
      JOIN keys.account_record r ON r.uid = q.uid AND r.seq = q.seq""";

  /// The number of a user's record.
  private record Named(Uid uid, long seq) {
  }

  private PostgresHolders() {
  }

  /// For the record of an epoch that follows another.
  ///
  /// @param active who is active in the last epoch and a member still
  static Holders following(PostgresSession session, TenantId tenant, EpochStatement last, EpochStatement next,
      Set<Uid> active) {
    hold(session, next, active);
    boolean restart = next.reason() == EpochReason.RESTARTED;
    Set<Uid> uids = uids(next);
    Stream<RosterEntry> then = last.roster().stream()
        .filter(entry -> entry.uid().equals(next.rotator().uid()) || (restart && entry.active()));
    List<RosterEntry> signers = then.toList();
    signers.forEach(entry -> uids.add(entry.uid()));
    Map<Uid, Head> heads = heads(session, uids);
    Set<Named> wanted = new HashSet<>();
    wanted.add(new Named(next.rotator().uid(), next.rotator().accountSeq()));
    for (RosterEntry entry : signers) {
      wanted.add(new Named(entry.uid(), entry.account().accountSeq()));
      Head head = heads.get(entry.uid());
      if (head != null) {
        wanted.add(new Named(entry.uid(), head.key().accountSeq()));
      }
    }
    return holders(session, tenant, heads, wanted);
  }

  /// For the first record of a conversation.
  static Holders beginning(PostgresSession session, TenantId tenant, Foundation wish) {
    EpochStatement first = wish.first().record().statement();
    hold(session, first, Set.of());
    Signer creator = wish.genesis().statement().creator();
    Signer rotator = first.rotator();
    Set<Named> wanted = new HashSet<>();
    wanted.add(new Named(creator.uid(), creator.accountSeq()));
    wanted.add(new Named(rotator.uid(), rotator.accountSeq()));
    return holders(session, tenant, heads(session, uids(first)), wanted);
  }

  private static void hold(PostgresSession session, EpochStatement next, Set<Uid> active) {
    List<Uid> activated = next.roster().stream().filter(entry -> entry.active() && !active.contains(entry.uid()))
        .map(RosterEntry::uid).toList();
    if (!activated.isEmpty()) {
      session.run(HOLD, (Object) Columns.uids(activated));
    }
  }

  private record Head(TenantId tenant, AccountKey key) {
  }

  private static Map<Uid, Head> heads(PostgresSession session, Collection<Uid> uids) {
    Map<Uid, Head> heads = new HashMap<>();
    for (Row row : session.run(HEADS, (Object) Columns.uids(uids))) {
      heads.put(requireNonNull(Columns.uid(row, "uid")),
          new Head(requireNonNull(Columns.tenant(row)), new AccountKey(row.getLong("seq"),
              new Hash(requireNonNull(Columns.bytes(row, "hash"))), row.getLong("aek_gen"))));
    }
    return heads;
  }

  private static Holders holders(PostgresSession session, TenantId tenant, Map<Uid, Head> heads, Set<Named> wanted) {
    Map<Named, AccountRecord> records = new HashMap<>();
    List<Named> list = List.copyOf(wanted);
    for (Row row : session.run(RECORDS, Columns.uids(list.stream().map(Named::uid).toList()),
        list.stream().map(Named::seq).toArray(Long[]::new))) {
      AccountRecord record = record(row);
      records.put(new Named(record.statement().uid(), record.statement().seq()), record);
    }
    Map<Uid, AccountKey> newest = new HashMap<>();
    Set<Uid> barred = new HashSet<>();
    heads.forEach((uid, head) -> {
      if (head.tenant().equals(tenant)) {
        newest.put(uid, head.key());
      } else {
        barred.add(uid);
      }
    });
    return new Holders(newest, barred, new Accounts() {
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

  private static Set<Uid> uids(EpochStatement statement) {
    Set<Uid> uids = new HashSet<>();
    statement.roster().forEach(entry -> uids.add(entry.uid()));
    uids.add(statement.rotator().uid());
    return uids;
  }

  private static AccountRecord record(Row row) {
    return switch (AccountRecord.read(requireNonNull(Columns.bytes(row, "record")))) {
      case Reading.Read<AccountRecord>(AccountRecord record) -> record;
      case Reading.Unreadable<AccountRecord>(Fault fault) ->
        throw new IllegalStateException("a stored record is not readable: " + fault);
    };
  }
}
