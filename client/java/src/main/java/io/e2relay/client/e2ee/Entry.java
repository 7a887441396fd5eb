// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

/// What came of wanting to use an account on this device.
public sealed interface Entry {
  record Entered(Account account) implements Entry {
  }

  record Refused(AccountProblem problem) implements Entry {
  }
}
