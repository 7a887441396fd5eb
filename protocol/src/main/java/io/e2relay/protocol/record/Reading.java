// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

/// What came out of reading, verifying or opening bytes: a value, or the first fault.
public sealed interface Reading<T> {
  record Read<T>(T value) implements Reading<T> {
  }

  record Unreadable<T>(Fault fault) implements Reading<T> {
  }
}
