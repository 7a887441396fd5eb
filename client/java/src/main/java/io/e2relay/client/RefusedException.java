// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import io.e2relay.protocol.wire.Advice;
import io.e2relay.protocol.wire.Error;

/// The service said no, and why.
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int code;
  private final String name;
  private final Advice advice;

  RefusedException(Error error) {
    super(error.getName() + " (" + error.getCode() + "): " + error.getMessage());
    this.code = error.getCode();
    this.name = error.getName();
    this.advice = error.getAdvice();
  }

  /// The number in the catalogue of errors.
  public int code() {
    return code;
  }

  /// The name in the catalogue of errors, for example NOT_A_MEMBER.
  public String name() {
    return name;
  }

  public Advice advice() {
    return advice;
  }
}
