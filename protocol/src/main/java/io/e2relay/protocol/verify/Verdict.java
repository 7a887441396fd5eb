// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import io.e2relay.protocol.record.Fault;

/// What a check came to.
public sealed interface Verdict {
  /// Nothing was found wrong.
  Verdict VALID = new Valid();

  record Valid() implements Verdict {
  }

  record Invalid(Fault fault) implements Verdict {
  }
}
