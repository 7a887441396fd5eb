// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.config;

/// A configured value that must not be seen.
public record Secret(String reveal) {
  @Override
  public String toString() {
    return "[secret]";
  }
}
