// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import static io.e2relay.keyservice.database.Columns.buffer;
import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.jobs.PostgresWaiting;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.AccountChain;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The accounts in PostgreSQL. A put is one transaction of one account: lock its row, read what the rules need, decide,
/// save.
public final class PostgresAccounts implements Accounts {
  private static final String LOCK = """
      SELECT seq, strict FROM keys.account WHERE uid = $1::bytea FOR UPDATE""";

  private static final String FIRST = """
      INSERT INTO keys.account (uid, tenant, seq, hash, aek_gen)
      VALUES ($1::bytea, $2::bytea, 1, $3::bytea, $4::bigint)
      ON CONFLICT (uid) DO NOTHING RETURNING seq""";

  private static final String RECORD = """
      SELECT record FROM keys.account_record WHERE uid = $1::bytea AND seq = $2::bigint""";

  // From the record before the first reset that can still be undone; from the newest one where there is none.
  private static final String CHAIN = """
      SELECT record FROM keys.account_record
      WHERE uid = $1::bytea AND seq >= coalesce((SELECT min(r.seq) - 1 FROM keys.account_record r
        WHERE r.uid = $1::bytea AND r.kind = $3::smallint AND r.stored_ms > $4::bigint), $2::bigint)
      ORDER BY seq""";

  private static final String TURNS = """
      SELECT count(*) AS turns, coalesce((SELECT bot FROM keys.app_user WHERE uid = $1::bytea), false) AS bot
      FROM keys.account_record
      WHERE uid = $1::bytea AND kind = ANY ($2::smallint[]) AND stored_ms > $3::bigint""";

  private static final String MOVE = """
      UPDATE keys.account SET seq = $2::bigint, hash = $3::bytea, aek_gen = $4::bigint WHERE uid = $1::bytea""";

  private static final String SAVE = """
      INSERT INTO keys.account_record (uid, seq, kind, record, stored_ms)
      VALUES ($1::bytea, $2::bigint, $3::smallint, $4::bytea, $5::bigint)""";

  // In the order of the keys, so that two accounts never wait for each other.
  private static final String USE = """
      INSERT INTO keys.account_key (public_key, uid, purpose, device_id)
      SELECT k.public_key, $1::bytea, k.purpose, k.device_id
      FROM unnest($2::bytea[], $3::smallint[], $4::bytea[]) AS k(public_key, purpose, device_id)
      ORDER BY k.public_key
      ON CONFLICT (public_key) DO NOTHING
      RETURNING public_key""";

  private static final String OTHERS = """
      SELECT count(*) AS others
      FROM unnest($2::bytea[], $3::smallint[], $4::bytea[]) AS k(public_key, purpose, device_id)
      JOIN keys.account_key a ON a.public_key = k.public_key
      WHERE a.uid <> $1::bytea OR a.purpose <> k.purpose OR a.device_id <> k.device_id""";

  // Without root wraps the shorter array is filled up with nulls.
  private static final String WRAP = """
      INSERT INTO keys.device_wrap (uid, device_id, seq, wrap, root_wrap)
      SELECT $1::bytea, w.device_id, $2::bigint, w.wrap, w.root_wrap
      FROM unnest($3::bytea[], $4::bytea[], $5::bytea[]) AS w(device_id, wrap, root_wrap)""";

  private static final String UNWRAP = """
      DELETE FROM keys.device_wrap WHERE uid = $1::bytea AND device_id <> ALL ($2::bytea[])""";

  private static final String CONVERSATIONS = """
      SELECT conversation_id FROM keys.member WHERE uid = $1::bytea AND to_epoch IS NULL
      ORDER BY conversation_id LIMIT $2::int""";

  // Rows are counted first, then their bytes: a long chain is not read to its end only to be left out. The first that
  // does not fit tells that there is more.
  private static final String CHAINS = """
      SELECT p.uid, p.last_seq, p.record, p.through <= $5::bigint AS fits
      FROM (
        SELECT l.uid, l.last_seq, l.record,
          sum(coalesce(octet_length(l.record), 0)) OVER (ORDER BY l.uid, l.seq) AS through
        FROM (
          SELECT a.uid, a.seq AS last_seq, r.seq, r.record
          FROM unnest($2::bytea[], $3::bigint[]) AS q(uid, after_seq)
          JOIN keys.account a ON a.uid = q.uid AND a.tenant = $1::bytea
          LEFT JOIN keys.account_record r ON r.uid = q.uid AND r.seq > q.after_seq
          ORDER BY a.uid, r.seq LIMIT $4::int) l) p
      WHERE p.through - coalesce(octet_length(p.record), 0) <= $5::bigint
      ORDER BY p.through, p.uid""";

  private static final String NEWEST = """
      SELECT r.record FROM keys.account a JOIN keys.account_record r ON r.uid = a.uid AND r.seq = a.seq
      WHERE a.uid = $1::bytea""";

  private static final String WRAPS = """
      SELECT seq, wrap, root_wrap FROM keys.device_wrap
      WHERE uid = $1::bytea AND device_id = $2::bytea AND seq > $3::bigint
      ORDER BY seq LIMIT $4::int""";

  // Records of so many bytes fit a frame as base64, with the accounts that may be asked for at once around them.
  private static final long RECORDS_BYTES_MAX = 350_000;
  private static final int RECORDS_MAX = 1_000;
  private static final int WRAPS_MAX = 700;
  private static final int CONVERSATIONS_MAX = 10_000;
  private static final long DAY_MS = 24L * 60 * 60 * 1000;
  private static final Short[] TURNING = Arrays.stream(AccountKind.values()).filter(AccountRules::turns)
      .map(kind -> Columns.number(kind.number())).toArray(Short[]::new);

  private final PostgresSessions sessions;

  public PostgresAccounts(PostgresSessions sessions) {
    this.sessions = sessions;
  }

  @Override
  public Stored put(Put put, long nowMs) {
    Ruling.Unfit unfit = AccountRules.unfit(put, nowMs);
    return unfit == null ? sessions.with(session -> put(session, put, nowMs)) : new Stored.Unfit(unfit.fault());
  }

  @Override
  public Chains chains(TenantId tenant, Map<Uid, Long> after) {
    List<Uid> uids = List.copyOf(after.keySet());
    return sessions.with(session -> {
      Map<Uid, List<ByteString>> records = new LinkedHashMap<>();
      Map<Uid, Long> last = new LinkedHashMap<>();
      int rows = 0;
      boolean all = true;
      for (Row row : session.run(CHAINS, buffer(tenant.bytes()), Columns.uids(uids),
          uids.stream().map(uid -> requireNonNull(after.get(uid))).toArray(Long[]::new), RECORDS_MAX,
          RECORDS_BYTES_MAX)) {
        rows++;
        if (!row.getBoolean("fits")) {
          all = false;
          continue;
        }
        Uid uid = requireNonNull(Columns.uid(row, "uid"));
        last.put(uid, row.getLong("last_seq"));
        List<ByteString> mine = records.computeIfAbsent(uid, _ -> new ArrayList<>());
        ByteString record = Columns.bytes(row, "record");
        if (record != null) {
          mine.add(record);
        }
      }
      List<Chain> chains = new ArrayList<>();
      records.forEach((uid, mine) -> chains.add(new Chain(uid, List.copyOf(mine), requireNonNull(last.get(uid)))));
      return new Chains(chains, !all || rows == RECORDS_MAX);
    });
  }

  @Override
  public @Nullable AccountRecord newest(Uid uid) {
    return sessions.with(session -> {
      Row row = session.first(NEWEST, buffer(uid.bytes()));
      return row == null ? null : record(row);
    });
  }

  @Override
  public Wraps wraps(Uid uid, DeviceId device, long after) {
    return sessions.with(session -> {
      List<Wrap> wraps = new ArrayList<>();
      for (Row row : session.run(WRAPS, buffer(uid.bytes()), buffer(device.bytes()), after, WRAPS_MAX)) {
        wraps.add(new Wrap(row.getLong("seq"), requireNonNull(Columns.bytes(row, "wrap")),
            requireNonNullElse(Columns.bytes(row, "root_wrap"), ByteString.EMPTY)));
      }
      return new Wraps(wraps, wraps.size() == WRAPS_MAX);
    });
  }

  @Override
  public Arrival arrive(Uid uid, DeviceId device, boolean bot) {
    return sessions.with(session -> PostgresDevices.arrive(session, uid, device, bot));
  }

  @Override
  public void saw(Uid uid, DeviceId device, long nowMs) {
    sessions.with(session -> PostgresDevices.saw(session, uid, device, nowMs));
  }

  @Override
  public void retire(Uid uid, DeviceId device, long nowMs) {
    sessions.with(session -> PostgresDevices.retire(session, uid, device, nowMs));
  }

  @Override
  public Set<DeviceId> devices(Uid uid) {
    return sessions.with(session -> PostgresDevices.devices(session, uid));
  }

  @Override
  public boolean strict(Uid uid) {
    return sessions.with(session -> PostgresDevices.strict(session, uid));
  }

  private static Stored put(PostgresSession session, Put put, long nowMs) {
    session.begin();
    Buffer uid = buffer(put.caller().bytes());
    AccountStatement statement = put.record().statement();
    Row head = session.first(LOCK, uid);
    Row there = session.first(RECORD, uid, statement.seq());
    Row lately = requireNonNull(session.first(TURNS, uid, TURNING, nowMs - DAY_MS));
    AccountRules.Standing standing = new AccountRules.Standing(
        head == null ? null : chain(session, uid, head.getLong("seq"), nowMs), lately.getInteger("turns"),
        head != null && head.getBoolean("strict"), lately.getBoolean("bot"));
    return switch (AccountRules.decide(standing, there == null ? null : record(there), put)) {
      case Ruling.Known _ -> new Stored.Before(statement.seq());
      case Ruling.Refused(ErrorCode code) -> new Stored.Refused(code);
      case Ruling.Unfit(Fault fault) -> new Stored.Unfit(fault);
      case Ruling.Next(List<KeyUse> keys) -> save(session, put, keys, nowMs);
    };
  }

  /// Verified when they were stored; a reset that can still be undone needs what was before it.
  private static AccountChain chain(PostgresSession session, Buffer uid, long seq, long nowMs) {
    AccountChain chain = null;
    for (Row row : session.run(CHAIN, uid, seq, Columns.number(AccountKind.IDENTITY_RESET.number()),
        nowMs - DAY_MS - 2 * AccountRules.CLOCK_MS)) {
      AccountRecord record = record(row);
      if (chain == null) {
        chain = new AccountChain(record, List.of());
      } else if (chain.next(record) instanceof Reading.Read<AccountChain>(AccountChain next)) {
        chain = next;
      } else {
        throw new IllegalStateException("a stored record does not follow the one before it");
      }
    }
    return requireNonNull(chain, "an account has a record");
  }

  private static Stored save(PostgresSession session, Put put, List<KeyUse> keys, long nowMs) {
    Buffer uid = buffer(put.caller().bytes());
    AccountStatement statement = put.record().statement();
    Buffer hash = buffer(put.record().hash().bytes());
    if (statement.seq() > 1) {
      session.run(MOVE, uid, statement.seq(), hash, statement.aekGen());
    } else if (session.first(FIRST, uid, buffer(put.tenant().bytes()), hash, statement.aekGen()) == null) {
      // Another first record came first.
      return new Stored.Refused(ErrorCode.ACCOUNT_MOVED);
    }
    if (!own(session, uid, statement, keys)) {
      return new Stored.Unfit(Fault.KEY_REUSED);
    }
    if (statement.seq() == 1) {
      PostgresWaiting.accountMade(session, put.caller());
    }
    session.run(SAVE, uid, statement.seq(), Columns.number(statement.kind().number()), buffer(put.record().bytes()),
        nowMs);
    Buffer[] devices = statement.devices().stream().map(device -> buffer(device.id().bytes())).toArray(Buffer[]::new);
    session.run(UNWRAP, uid, devices);
    session.run(WRAP, uid, statement.seq(), devices, put.wraps().stream().map(Columns::buffer).toArray(Buffer[]::new),
        put.rootWraps().stream().map(Columns::buffer).toArray(Buffer[]::new));
    PostgresDuties.begin(session, put, nowMs);
    List<ConversationId> conversations = new ArrayList<>();
    for (Row row : session.run(CONVERSATIONS, uid, CONVERSATIONS_MAX)) {
      conversations.add(requireNonNull(Columns.conversation(row)));
    }
    session.commit();
    return new Stored.Now(statement.seq(), conversations);
  }

  /// Whether every key is new, or was this one's for the same purpose before; and the user's key, if it turned, new.
  private static boolean own(PostgresSession session, Buffer uid, AccountStatement statement, List<KeyUse> keys) {
    Buffer[] points = keys.stream().map(use -> buffer(use.key().bytes())).toArray(Buffer[]::new);
    Short[] purposes = keys.stream().map(use -> Columns.number(use.purpose().number())).toArray(Short[]::new);
    Buffer[] devices = keys.stream().map(use -> buffer(use.device())).toArray(Buffer[]::new);
    Set<ByteString> fresh = new HashSet<>();
    for (Row row : session.run(USE, uid, points, purposes, devices)) {
      fresh.add(requireNonNull(Columns.bytes(row, "public_key")));
    }
    boolean turned = AccountRules.turns(statement.kind());
    return (!turned || fresh.contains(statement.aek().bytes()))
        && requireNonNull(session.first(OTHERS, uid, points, purposes, devices)).getLong("others") == 0;
  }

  static AccountRecord record(Row row) {
    return switch (AccountRecord.read(requireNonNull(Columns.bytes(row, "record")))) {
      case Reading.Read<AccountRecord>(AccountRecord record) -> record;
      case Reading.Unreadable<AccountRecord>(Fault fault) ->
        throw new IllegalStateException("a stored record is not readable: " + fault);
    };
  }
}
