// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import java.util.Objects;

/// The command was not said rightly; the message is for the person at the terminal, and the exit code is 2.
public final class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
