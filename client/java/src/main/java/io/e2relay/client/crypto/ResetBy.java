// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

/// Who of before stands for a reset.
public sealed interface ResetBy {
  /// Nobody: contacts are told, and cannot tell it from somebody else.
  record Nobody() implements ResetBy {
  }

  /// The root that is given up.
  record Root(SigningKey ark) implements ResetBy {
  }

  /// A device of the record before.
  record Device(DeviceKeys keys) implements ResetBy {
  }
}
