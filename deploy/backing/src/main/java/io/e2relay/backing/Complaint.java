// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

/// What servers say when they cannot start, in the words that we recognise.
final class Complaint {
  private Complaint() {
  }

  static boolean diskFull(String said) {
    return said.contains("No space left on device") || said.contains("Disk quota exceeded")
        || said.contains("could not extend file") || said.contains("Check free disk space");
  }

  static boolean portInUse(String said) {
    return said.contains("Address already in use");
  }

  /// A postmaster died, and one of its children still holds the shared memory.
  static boolean childrenRemain(String said) {
    return said.contains("pre-existing shared memory block");
  }
}
