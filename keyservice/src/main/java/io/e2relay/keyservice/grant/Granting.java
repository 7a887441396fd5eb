// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.grant;

import io.e2relay.keyservice.epoch.Objection;

/// What came of a grant, or of the wish to be given one.
public sealed interface Granting {
  /// It is there now, and durable.
  record Done() implements Granting {
  }

  /// It was there before.
  record Before() implements Granting {
  }

  record Refused(Objection why) implements Granting {
  }
}
