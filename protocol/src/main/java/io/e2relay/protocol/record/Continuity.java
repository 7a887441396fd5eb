// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import io.e2relay.protocol.id.DeviceId;

/// Who of before stands for a reset of the account, beside its new key.
public sealed interface Continuity {
  /// Nobody: contacts cannot tell it from somebody else.
  record None() implements Continuity {
  }

  /// The previous ARK.
  record ByRoot(Signature signature) implements Continuity {
  }

  /// A device of the previous record.
  record ByDevice(DeviceId device, Signature signature) implements Continuity {
  }
}
