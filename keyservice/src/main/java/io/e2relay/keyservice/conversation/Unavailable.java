// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

/// The database gave no answer in time, or an error instead: nothing is known of what was asked.
public final class Unavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Unavailable(Throwable cause) {
    super(cause.getClass().getSimpleName(), cause);
  }

  public Unavailable(String message) {
    super(message);
  }
}
