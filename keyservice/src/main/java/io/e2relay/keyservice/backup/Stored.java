// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

/// What came of a change of a backup.
public enum Stored {
  // Now, or by an earlier try.
  DONE,
  // Another one is there.
  MOVED
}
