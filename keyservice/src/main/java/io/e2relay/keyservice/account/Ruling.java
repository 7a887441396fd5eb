// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.record.Fault;
import java.util.List;

/// What the rules say of a record that was put.
sealed interface Ruling {
  /// It becomes the newest; these keys are in it.
  record Next(List<KeyUse> keys) implements Ruling {
  }

  /// It is there already.
  record Known() implements Ruling {
  }

  record Refused(ErrorCode code) implements Ruling {
  }

  record Unfit(Fault fault) implements Ruling {
  }
}
