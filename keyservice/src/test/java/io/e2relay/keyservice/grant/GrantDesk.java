// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.grant;

import static java.util.Objects.requireNonNull;

import io.e2relay.keyservice.conversation.Standing;
import io.e2relay.keyservice.epoch.Objection;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.verify.Accounts;
import org.jspecify.annotations.Nullable;

/// The rules of grants, in the order in which they are asked, for tests with tables of their own.
public final class GrantDesk {
  /// Granter and grantee as a transaction has read them.
  ///
  /// @param granter null for no member
  public record Parties(@Nullable Standing granter, @Nullable AccountKey giver, boolean granteeActive,
      @Nullable AccountKey grantee) {
  }

  /// What there is of the conversation.
  ///
  /// @param there the granter's grant of the same key
  /// @param asked null for an epoch that there is not
  public record Kept(@Nullable GrantPut there, @Nullable EpochRecord asked, EpochRecord newest, Accounts accounts) {
  }

  private GrantDesk() {
  }

  public static Granting put(GrantPut put, Parties parties, Kept kept) {
    Objection objection = GrantRules.unfit(put);
    if (objection == null) {
      objection = GrantRules.outside(parties.granter());
    }
    if (objection != null) {
      return new Granting.Refused(objection);
    }
    GrantPut there = kept.there();
    EpochRecord asked = kept.asked();
    return GrantRules.decide(put,
        new GrantRules.Facts(there == null ? null : new GrantRules.Given(there.grant().bytes(), there.wrap()),
            requireNonNull(parties.granter()), new GrantRules.Party(true, parties.giver()),
            new GrantRules.Party(parties.granteeActive(), parties.grantee()),
            asked == null ? null : new GrantRules.Records(asked, kept.newest(), kept.accounts())));
  }

  /// @param member null for no member
  public static Granting ask(@Nullable Standing member, Epoch epoch, boolean there, long waiting) {
    Objection outside = GrantRules.outside(member);
    return outside == null
        ? GrantRules.ask(requireNonNull(member), epoch, there, waiting)
        : new Granting.Refused(outside);
  }
}
