// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.grant;

import static io.e2relay.keyservice.database.Columns.buffer;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.Signer;
import io.e2relay.protocol.verify.Accounts;
import io.vertx.sqlclient.Row;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The stored records against which a grant is verified, as PostgreSQL has them.
final class PostgresRecords {
  private static final String EPOCHS = """
      SELECT epoch, record FROM keys.epoch_record
      WHERE conversation_id = $1::bytea AND epoch = ANY ($2::bigint[])""";

  private static final String ACCOUNTS = """
      SELECT seq, record FROM keys.account_record WHERE uid = $1::bytea AND seq = ANY ($2::bigint[])""";

  /// Those records of one user that matter.
  private record Known(Uid uid, Map<Long, AccountRecord> records) implements Accounts {
    @Override
    public Optional<AccountRecord> record(Uid of, long seq) {
      return uid.equals(of) ? Optional.ofNullable(records.get(seq)) : Optional.empty();
    }

    @Override
    public Optional<AccountRecord> newest(Uid of) {
      return uid.equals(of)
          ? records.entrySet().stream().max(Map.Entry.comparingByKey()).map(Map.Entry::getValue)
          : Optional.empty();
    }
  }

  private PostgresRecords() {
  }

  /// @return null where the grant names an epoch that there is not
  static GrantRules.@Nullable Records of(PostgresSession session, GrantStatement statement, Epoch current) {
    Map<Long, EpochRecord> epochs = new HashMap<>();
    for (Row row : session.run(EPOCHS, buffer(statement.conversation().bytes()),
        new Long[]{statement.epoch().value(), current.value()})) {
      epochs.put(row.getLong("epoch"), stored(EpochRecord.read(requireNonNull(Columns.bytes(row, "record")))));
    }
    EpochRecord asked = epochs.get(statement.epoch().value());
    EpochRecord newest = epochs.get(current.value());
    return asked == null || newest == null
        ? null
        : new GrantRules.Records(asked, newest, accounts(session, statement.granter(), asked, newest));
  }

  /// Of the granter: the records by which they sign, and by which the rosters know them.
  private static Accounts accounts(PostgresSession session, Signer granter, EpochRecord... rosters) {
    TreeSet<Long> seqs = new TreeSet<>();
    seqs.add(granter.accountSeq());
    Stream.of(rosters).flatMap(roster -> roster.statement().entry(granter.uid()).stream()).map(RosterEntry::account)
        .forEach(account -> seqs.add(account.accountSeq()));
    Map<Long, AccountRecord> records = new HashMap<>();
    for (Row row : session.run(ACCOUNTS, buffer(granter.uid().bytes()), seqs.toArray(Long[]::new))) {
      ByteString bytes = requireNonNull(Columns.bytes(row, "record"));
      records.put(row.getLong("seq"), stored(AccountRecord.read(bytes)));
    }
    return new Known(granter.uid(), records);
  }

  private static <T> T stored(Reading<T> reading) {
    return switch (reading) {
      case Reading.Read<T>(T record) -> record;
      case Reading.Unreadable<T>(Fault fault) ->
        throw new IllegalStateException("a stored record is not readable: " + fault);
    };
  }
}
