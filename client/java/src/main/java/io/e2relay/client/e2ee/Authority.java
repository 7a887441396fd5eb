// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

/// By what somebody changes an account's devices.
public sealed interface Authority {
  /// Of the backup, in which the account's root is.
  record Password(String text) implements Authority {
    @Override
    public String toString() {
      return "Password[secret]";
    }
  }

  /// In an account without a backup each device has the root.
  record Device() implements Authority {
  }
}
