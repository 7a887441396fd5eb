// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Grant;
import java.util.Optional;

/// What came of opening a key that somebody else made: the key, or why not, with what convicts whoever signed it.
public sealed interface Opening {
  record Opened(SymmetricKey key) implements Opening {
  }

  /// The evidence is there where the signed record itself is wrong, to whomever it is shown.
  record Refused(Fault fault, Optional<Evidence> evidence) implements Opening {
  }

  /// The record that names who did it.
  sealed interface Evidence {
    record OfEpoch(EpochRecord record) implements Evidence {
    }

    record OfGrant(Grant grant) implements Evidence {
    }
  }
}
