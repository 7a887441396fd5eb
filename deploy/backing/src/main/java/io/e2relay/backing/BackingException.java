// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import java.io.IOException;

/// A backing service could not be started; the message says what was found and what to do.
public final class BackingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Problem problem;

  BackingException(Problem problem, String message) {
    super(message);
    this.problem = problem;
  }

  BackingException(Problem problem, String message, Throwable cause) {
    super(message, cause);
    this.problem = problem;
  }

  /// A failed file operation; a full disk is told apart from the rest.
  static BackingException of(String doing, IOException e) {
    String said = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    if (Complaint.diskFull(said)) {
      return new BackingException(Problem.DISK_FULL,
          "The disk is full: " + doing + " failed (" + said + "). Free some space and start again.", e);
    }
    return new BackingException(Problem.FAILED, doing + " failed (" + e.getClass().getSimpleName() + ": " + said + ").",
        e);
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  public Problem problem() {
    return problem;
  }
}
