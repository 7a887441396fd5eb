// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.AccountChain;
import java.util.ArrayList;
import java.util.List;

/// What a device remembers of somebody for good: how far the account's chain is verified, and whether its root was
/// compared by people. Nothing about it changes silently.
public record PinnedAccount(AccountChain chain, boolean verified) {
  /// What came of looking at the account again.
  public sealed interface News {
    /// The new records, each to be told to whoever talks to this contact. With another root than before, whoever it is
    /// is not verified any more.
    record Changed(PinnedAccount account, List<AccountRecord> records, boolean rootChanged) implements News {
      public Changed {
        records = List.copyOf(records);
      }
    }

    /// What was shown is not believed; what is pinned stays.
    record Refused(Fault fault) implements News {
    }

    /// Two signed records of one number: to be kept and shown, for one of them is a lie.
    record Forked(AccountRecord pinned, AccountRecord shown) implements News {
    }
  }

  /// The first time there is nothing to compare with but a safety number.
  public static PinnedAccount first(AccountChain chain) {
    return new PinnedAccount(chain, false);
  }

  /// After the safety number was compared.
  public PinnedAccount compared() {
    return new PinnedAccount(chain, true);
  }

  /// Looks at the records from the pinned one on (or from the one behind it), as the service shows them.
  public News meet(List<AccountRecord> shown) {
    AccountChain longer = chain;
    List<AccountRecord> fresh = new ArrayList<>();
    for (AccountRecord record : shown) {
      AccountChain before = longer;
      switch (before.next(record)) {
        case Reading.Read<AccountChain>(AccountChain next) -> longer = next;
        case Reading.Unreadable<AccountChain>(Fault fault) -> {
          return fault == Fault.FORKED ? new News.Forked(before.last(), record) : new News.Refused(fault);
        }
      }
      if (!longer.equals(before)) {
        fresh.add(record);
      }
    }
    boolean sameRoot = longer.last().statement().ark().equals(chain.last().statement().ark());
    return new News.Changed(new PinnedAccount(longer, verified && sameRoot), fresh, !sameRoot);
  }
}
