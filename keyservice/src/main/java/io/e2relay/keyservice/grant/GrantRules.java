// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.grant;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.conversation.Standing;
import io.e2relay.keyservice.epoch.Objection;
import io.e2relay.keyservice.epoch.WrapRule;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.GrantKind;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.verify.Accounts;
import io.e2relay.protocol.verify.GrantCheck;
import io.e2relay.protocol.verify.Verdict;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who may give the key of an epoch to whom outside the epoch's record, and who may ask for it.
public final class GrantRules {
  /// Grants that one user waits for at a time, at most.
  static final int WAITING_MAX = 100;

  /// What the granter gave the same key of the grantee before.
  record Given(ByteString record, ByteString wrap) {
  }

  /// A member as they are now.
  ///
  /// @param account of the newest record; null for who has none
  record Party(boolean active, @Nullable AccountKey account) {
  }

  /// The records of a conversation against which a grant is verified.
  record Records(EpochRecord asked, EpochRecord newest, Accounts accounts) {
  }

  /// @param there null for nothing
  /// @param records null where there is no such epoch
  record Facts(@Nullable Given there, Standing granter, Party giver, Party grantee, @Nullable Records records) {
  }

  private GrantRules() {
  }

  /// What is wrong with it whatever the conversation is; asked before anything is locked.
  static @Nullable Objection unfit(GrantPut put) {
    GrantStatement statement = put.grant().statement();
    if (!statement.granter().uid().equals(put.by().uid()) || !statement.granter().device().equals(put.by().device())) {
      return Objection.of(Fault.WRONG_CONTEXT);
    }
    Fault fault = WrapRule.fault(List.of(put.wrap()));
    return fault == null ? null : Objection.of(fault);
  }

  /// Why somebody has no part in a conversation's keys; null for an active member.
  static @Nullable Objection outside(@Nullable Standing standing) {
    if (standing == null) {
      return Objection.of(ErrorCode.NOT_A_MEMBER);
    }
    return standing.member().active() ? null : Objection.of(ErrorCode.MEMBER_PENDING);
  }

  /// Whether the grant may be stored, for a granter who is an active member.
  static Granting decide(GrantPut put, Facts facts) {
    Given there = facts.there();
    if (there != null) {
      return there.equals(new Given(put.grant().bytes(), put.wrap()))
          ? new Granting.Before()
          : refused(Objection.of(ErrorCode.DUPLICATE_DIFFERS));
    }
    if (!facts.grantee().active()) {
      return refused(Objection.of(ErrorCode.NOT_ALLOWED));
    }
    Records records = facts.records();
    if (records == null) {
      return refused(Objection.of(Fault.WRONG_CONTEXT));
    }
    GrantStatement statement = put.grant().statement();
    List<Uid> stale = stale(statement, facts);
    if (!stale.isEmpty()) {
      return refused(Objection.of(ErrorCode.STALE_KEYS, stale));
    }
    if (GrantCheck.verify(put.grant(), records.asked(), records.newest(),
        records.accounts()) instanceof Verdict.Invalid(Fault fault)) {
      return refused(Objection.of(fault));
    }
    // Who never had the key cannot share it; nor does anybody open an epoch by saying so.
    return statement.kind() == GrantKind.HISTORY && !reads(facts.granter(), statement.epoch())
        ? refused(Objection.of(ErrorCode.NOT_ALLOWED))
        : new Granting.Done();
  }

  /// Whether an active member may wait for a grant of an epoch.
  ///
  /// @param there the same wish is there already
  /// @param waiting grants that the member waits for
  static Granting ask(Standing member, Epoch epoch, boolean there, long waiting) {
    if (there) {
      return new Granting.Before();
    }
    if (member.level() != TrustLevel.TRUST_LEVEL_E2EE) {
      return refused(Objection.of(ErrorCode.UNSUPPORTED));
    }
    if (epoch.value() > member.epoch().value() || !reads(member, epoch)) {
      return refused(Objection.of(ErrorCode.NOT_ALLOWED));
    }
    return waiting < WAITING_MAX ? new Granting.Done() : refused(Objection.of(ErrorCode.TOO_FAST));
  }

  /// Whose newest record is another than the grant names.
  private static List<Uid> stale(GrantStatement statement, Facts facts) {
    List<Uid> stale = new ArrayList<>();
    AccountKey giver = facts.giver().account();
    if (giver == null || giver.accountSeq() != statement.granter().accountSeq()) {
      stale.add(statement.granter().uid());
    }
    if (!statement.account().equals(facts.grantee().account())) {
      stale.add(statement.grantee());
    }
    return stale;
  }

  private static boolean reads(Standing standing, Epoch epoch) {
    return standing.readable().stream().anyMatch(range -> range.contains(epoch));
  }

  private static Granting refused(Objection why) {
    return new Granting.Refused(why);
  }
}
