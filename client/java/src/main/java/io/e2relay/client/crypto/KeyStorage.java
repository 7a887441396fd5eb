// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

/// Where a device keeps its keys. One that cannot be written to ends in an UncheckedIOException.
public interface KeyStorage {
  /// What is there.
  Loading load();

  /// Replaces what is there, as a whole or not at all.
  void save(DeviceKeys keys);

  /// What came out of looking.
  sealed interface Loading {
    record Loaded(DeviceKeys keys) implements Loading {
    }

    /// No device has kept anything here.
    record Empty() implements Loading {
    }

    record Refused(Reason reason) implements Loading {
    }
  }

  /// Why nothing can be had, though something is there.
  enum Reason {
    // The password is another; or somebody has changed what is there.
    WRONG_PASSWORD,
    // It ends too early, or is not whole.
    DAMAGED,
    // It is something else.
    FOREIGN,
    // It cannot be read.
    UNREADABLE
  }
}
