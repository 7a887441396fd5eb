// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.Page;

/// What reading the log for a user came to.
public sealed interface PageOutcome {
  /// A contiguous run of what this user may read now.
  record Read(Page page) implements PageOutcome {
  }

  record Refused(ErrorCode code) implements PageOutcome {
  }
}
