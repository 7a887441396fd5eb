// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import java.util.Optional;

/// What came of changing an account.
public sealed interface Change {
  record Done() implements Change {
  }

  /// Nothing has changed.
  record Refused(AccountProblem problem) implements Change {
  }

  static Change of(Optional<AccountProblem> problem) {
    return problem.<Change>map(Refused::new).orElseGet(Done::new);
  }
}
