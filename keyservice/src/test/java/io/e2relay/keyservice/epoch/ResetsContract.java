// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static io.e2relay.keyservice.epoch.EpochsContract.change;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.wire.ChangeKind;
import io.e2relay.protocol.wire.MemberState;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What every keeper of epochs does with members whose accounts were reset.
interface ResetsContract extends EpochsContract {
  @Test
  default void who_was_reset_waits_without_the_next_keys_until_a_member_lets_them_in_again() {
    Holder anne = somebody();
    Holder bob = somebody();
    Draft first = Draft.group(anne, bob);
    found(first);
    RosterEntry waiting = new RosterEntry(anne.uid(), RosterRole.ADMIN, RosterState.PENDING, anne.key());
    assertEquals(Objection.of(Fault.RULE_BROKEN), refused(first.next(EpochReason.RESET).with(waiting).by(bob)));
    anne.reset().register(accounts());
    Draft second = first.next(EpochReason.RESET).with(waiting).by(bob);
    Opening.Opened lowered = opened(second);
    assertEquals(List.of(change(ChangeKind.CHANGE_KIND_ROTATED, bob.uid(), bob)), lowered.news().changes());
    assertTrue(lowered.news().versions().containsKey(anne.uid()), "she is told");
    assertEquals(MemberState.MEMBER_STATE_PENDING,
        requireNonNull(seen(first, bob).roster().member(anne.uid())).state());
    assertEquals(ErrorCode.MEMBER_PENDING, noWraps(first, anne.uid()));
    assertEquals(List.of(), requireNonNull(conversations().standing(first.id(), anne.uid())).readable());
    assertEquals(List.of(bob.uid()), requireNonNull(conversations().roster(first.id(), new Epoch(2))).uids());
    Draft third = second.next();
    opened(third);
    Draft fourth = third.next(EpochReason.ACTIVATED).admin(anne);
    assertEquals(List.of(change(ChangeKind.CHANGE_KIND_ACTIVATED, anne.uid(), bob)), opened(fourth).news().changes());
    assertEquals(List.of(new Epoch(1), new Epoch(4)), wraps(first, anne).stream().map(Epochs.Wrap::epoch).toList());
    opened(fourth.next().by(anne));
  }
}
