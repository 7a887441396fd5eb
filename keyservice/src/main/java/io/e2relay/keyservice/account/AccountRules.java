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
  record Standing(@Nullable AccountChain chain, int turns) {
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
    } else if (put.wraps().size() != statement.devices().size()
        || put.wraps().stream().anyMatch(wrap -> wrap.size() != AccountRecord.DEVICE_WRAP_BYTES)) {
      fault = Fault.WRONG_LENGTH;
    } else if (put.wraps().stream().anyMatch(wrap -> wrap.byteAt(0) != UNCOMPRESSED)) {
      fault = Fault.MALFORMED_POINT;
    } else if (!put.wraps().stream().allMatch(AccountRules::encapsulates)) {
      fault = Fault.INVALID_POINT;
    }
    return fault == null ? null : new Ruling.Unfit(fault);
  }

  /// @param there the account's record of the same number, if it has one
  static Ruling decide(Standing standing, @Nullable AccountRecord there, AccountRecord put) {
    if (there != null) {
      // By the hash: another valid signature of the same bytes is the same record.
      return there.hash().equals(put.hash()) ? new Ruling.Known() : new Ruling.Refused(ErrorCode.ACCOUNT_MOVED);
    }
    if (resetsUnproven(put)) {
      return new Ruling.Refused(ErrorCode.UNSUPPORTED);
    }
    if (turns(put.statement().kind()) && standing.turns() >= TURNS_PER_DAY_MAX) {
      return new Ruling.Refused(ErrorCode.TOO_FAST);
    }
    return switch (follow(standing.chain(), put)) {
      case Reading.Read<AccountChain> _ -> new Ruling.Next(KeyUse.of(put.statement()));
      case Reading.Unreadable<AccountChain>(Fault fault) -> new Ruling.Unfit(fault);
    };
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
