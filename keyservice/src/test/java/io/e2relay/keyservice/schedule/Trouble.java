// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.schedule;

/// What must never be found in the tables.
enum Trouble {
  HOLE_IN_THE_LOG, MESSAGE_BEHIND_THE_CLOSE, MESSAGE_OF_STRANGER, CHANGED_BY_TOKEN, //
  TWO_WINNERS, CHAIN_BROKEN, ROSTER_DIFFERS, NOBODY_LEADS, //
  WRAP_OF_STRANGER, WRAP_MISSING, OLD_KEY_OF_NEWCOMER, OPEN_FOR_OLD_KEY, //
  GRANT_OF_STRANGER, TWO_AT_ONE_JOB
}
