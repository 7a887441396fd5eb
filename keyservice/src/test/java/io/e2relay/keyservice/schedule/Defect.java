// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.schedule;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/// What a service may get wrong, and of what the ledger then has to complain.
enum Defect {
  NONE(null), //
  // Messages are stored whatever the head says.
  NO_FENCE(Trouble.MESSAGE_BEHIND_THE_CLOSE), //
  // A roster is written over one that nobody has read.
  NO_COMPARE_AND_SET(Trouble.TWO_WINNERS), //
  // Whoever waits gets a wrap with the others.
  WRAP_FOR_PENDING(Trouble.WRAP_OF_STRANGER), //
  // Whoever is removed keeps them.
  WRAPS_STAY(Trouble.WRAP_OF_STRANGER), //
  // A wrap is lost.
  WRAP_LOST(Trouble.WRAP_MISSING), //
  // A new member's account may move between the decision and the commit.
  NEWCOMER_NOT_HELD(Trouble.OLD_KEY_OF_NEWCOMER), //
  // A turned key closes nothing.
  TURN_CLOSES_NOTHING(Trouble.OPEN_FOR_OLD_KEY), //
  // Grants outlive the membership.
  GRANTS_STAY(Trouble.GRANT_OF_STRANGER), //
  // A job is given to everybody who asks.
  NO_LEASE(Trouble.TWO_AT_ONE_JOB), //
  // The relay says of every connection that its device is proven.
  TOKEN_PASSES(Trouble.CHANGED_BY_TOKEN), //
  // The relay lets everybody send.
  NO_ROSTER(Trouble.MESSAGE_OF_STRANGER);

  private final @Nullable Trouble trouble;

  Defect(@Nullable Trouble trouble) {
    this.trouble = trouble;
  }

  Trouble trouble() {
    return requireNonNull(trouble, "without a defect there is no trouble");
  }
}
