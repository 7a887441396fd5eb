// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.verify.AccountChain;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rules of accounts, in the order in which they are asked, for tests with tables of their own.
public final class AccountDesk {
  /// What the rules say.
  public sealed interface Answer {
    record Next() implements Answer {
    }

    record Known() implements Answer {
    }

    record Refused(ErrorCode code) implements Answer {
    }

    record Unfit(Fault fault) implements Answer {
    }
  }

  private AccountDesk() {
  }

  /// @param chain all records of the account, in order
  /// @param turns of them, in the last day
  public static Answer put(List<AccountRecord> chain, int turns, Put put, long nowMs) {
    Ruling unfit = AccountRules.unfit(put, nowMs);
    long seq = put.record().statement().seq();
    AccountRecord there = seq >= 1 && seq <= chain.size() ? chain.get((int) seq - 1) : null;
    return answer(unfit == null ? AccountRules.decide(standing(chain, turns), there, put) : unfit);
  }

  public static boolean turns(AccountKind kind) {
    return AccountRules.turns(kind);
  }

  private static AccountRules.Standing standing(List<AccountRecord> chain, int turns) {
    @Nullable
    AccountChain last = chain.isEmpty() ? null : new AccountChain(chain.getLast(), List.of());
    return new AccountRules.Standing(last, turns, false, false);
  }

  private static Answer answer(Ruling ruling) {
    return switch (ruling) {
      case Ruling.Next _ -> new Answer.Next();
      case Ruling.Known _ -> new Answer.Known();
      case Ruling.Refused(ErrorCode code) -> new Answer.Refused(code);
      case Ruling.Unfit(Fault fault) -> new Answer.Unfit(fault);
    };
  }
}
