// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Continuity;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.AccountChain;
import io.e2relay.protocol.verify.Points;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What may become the next record of an account.
public final class AccountRules {
  /// How far the clock of whoever made a record may be from ours: the time in which a reset can be undone hangs on it.
  static final long CLOCK_MS = 60L * 60 * 1000;
  /// Records in a day that turn keys: each makes every conversation of the user turn its own.
  static final int TURNS_PER_DAY_MAX = 10;

  private static final byte UNCOMPRESSED = 4;

  /// @param chain as far as a next record needs it; null before the first
  /// @param turns records of the last day that turned keys
  /// @param strict whether the account's root key is with its devices; says nothing before the first record
  /// @param bot whether the host says that the user is one
  record Standing(@Nullable AccountChain chain, int turns, boolean strict, boolean bot) {
  }

  private AccountRules() {
  }

  /// What is wrong with it whatever the account has; asked before anything is locked.
  static Ruling.@Nullable Unfit unfit(Put put, long nowMs) {
    AccountStatement statement = put.record().statement();
    Fault fault = null;
    if (!statement.tenant().equals(put.tenant()) || !statement.uid().equals(put.caller())) {
      fault = Fault.WRONG_CONTEXT;
    } else if (Math.abs(statement.createdMs() - nowMs) > CLOCK_MS) {
      fault = Fault.OUT_OF_RANGE;
    } else {
      fault = wrapFault(put, statement.devices().size());
    }
    return fault == null ? null : new Ruling.Unfit(fault);
  }

  private static @Nullable Fault wrapFault(Put put, int devices) {
    List<ByteString> all = Stream.concat(put.wraps().stream(), put.rootWraps().stream()).toList();
    boolean oneEach = put.wraps().size() == devices && (put.rootWraps().isEmpty() || put.rootWraps().size() == devices);
    if (!oneEach || all.stream().anyMatch(wrap -> wrap.size() != AccountRecord.DEVICE_WRAP_BYTES)) {
      return Fault.WRONG_LENGTH;
    }
    if (all.stream().anyMatch(wrap -> wrap.byteAt(0) != UNCOMPRESSED)) {
      return Fault.MALFORMED_POINT;
    }
    return all.stream().allMatch(AccountRules::encapsulates) ? null : Fault.INVALID_POINT;
  }

  /// @param there the account's record of the same number, if it has one
  static Ruling decide(Standing standing, @Nullable AccountRecord there, Put put) {
    AccountRecord record = put.record();
    if (standing.bot()) {
      return new Ruling.Refused(ErrorCode.NOT_ALLOWED);
    }
    if (there != null) {
      // By the hash: another valid signature of the same bytes is the same record.
      return there.hash().equals(record.hash()) ? new Ruling.Known() : new Ruling.Refused(ErrorCode.ACCOUNT_MOVED);
    }
    if (resetsUnproven(record)) {
      return new Ruling.Refused(ErrorCode.UNSUPPORTED);
    }
    if (turns(record.statement().kind()) && standing.turns() >= TURNS_PER_DAY_MAX) {
      return new Ruling.Refused(ErrorCode.TOO_FAST);
    }
    if (!staysStrict(standing, put)) {
      return new Ruling.Unfit(Fault.RULE_BROKEN);
    }
    return switch (follow(standing.chain(), record)) {
      case Reading.Read<AccountChain> _ -> new Ruling.Next(KeyUse.of(record.statement()));
      case Reading.Unreadable<AccountChain>(Fault fault) -> new Ruling.Unfit(fault);
    };
  }

  /// What the first record decided holds for all; one without devices has no wraps to tell it by.
  private static boolean staysStrict(Standing standing, Put put) {
    return standing.chain() == null || put.wraps().isEmpty() || standing.strict() != put.rootWraps().isEmpty();
  }

  private static Reading<AccountChain> follow(@Nullable AccountChain chain, AccountRecord put) {
    if (chain != null) {
      return chain.next(put);
    }
    return put.statement().seq() == 1 ? AccountChain.from(put) : new Reading.Unreadable<>(Fault.BROKEN_CHAIN);
  }

  /// Whether every conversation of the user has to turn its key after such a record.
  static boolean turns(AccountKind kind) {
    return switch (kind) {
      case GENESIS, DEVICE_ADDED -> false;
      case DEVICE_REVOKED, AEK_ROTATED, IDENTITY_RESET, RESET_VETOED -> true;
    };
  }

  private static boolean resetsUnproven(AccountRecord record) {
    return record.statement().kind() == AccountKind.IDENTITY_RESET && record.continuity() instanceof Continuity.None;
  }

  private static boolean encapsulates(ByteString wrap) {
    return Points.isOnCurve(new Point(wrap.substring(0, Point.BYTES)));
  }
}
