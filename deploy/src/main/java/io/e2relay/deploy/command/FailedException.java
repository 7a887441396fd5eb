// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import java.util.Objects;

/// The command was understood but could not be done; the message is for the person at the terminal, exit code 1.
public final class FailedException extends Exception {
  private static final long serialVersionUID = 1L;

  public FailedException(String message) {
    super(message);
  }

  public FailedException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
