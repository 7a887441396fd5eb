// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

/// There is no connection, and for this request none came in time, or none will come again.
public final class DisconnectedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  DisconnectedException(String message) {
    super(message);
  }
}
