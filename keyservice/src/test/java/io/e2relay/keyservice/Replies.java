// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import io.e2relay.protocol.bus.wire.Refusal;
import io.e2relay.protocol.error.ErrorCode;

/// Refusals that tests expect, with nothing else in them.
final class Replies {
  static final Refusal NOT_A_MEMBER = ErrorCode.NOT_A_MEMBER.refusal();
  static final Refusal MALFORMED = ErrorCode.MALFORMED.refusal();
  static final Refusal UNAVAILABLE = ErrorCode.UNAVAILABLE.refusal();

  private Replies() {
  }
}
