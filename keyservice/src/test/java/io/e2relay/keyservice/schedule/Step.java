// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.schedule;

/// What somebody may do.
enum Step {
  FOUND, SEND, ROTATE, ADD, ADD_PENDING, ACTIVATE, ROLE, LATE, REMOVE, LEAVE, // the conversation
  REGISTER, TURN, REVOKE, RESET, CLOSE_TURNED, // accounts
  GRANT, ASK_GRANT, TAKE_JOB
}
