// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.Advice;
import io.e2relay.protocol.wire.Error;
import java.util.List;

/// The service said no, and why.
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int code;
  private final String name;
  private final Advice advice;
  private final Error error;

  RefusedException(Error error) {
    super(error.getName() + " (" + error.getCode() + "): " + error.getMessage());
    this.code = error.getCode();
    this.name = error.getName();
    this.advice = error.getAdvice();
    this.error = error;
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

  public boolean is(ErrorCode expected) {
    return code == expected.number();
  }

  Error error() {
    return error;
  }

  /// What is wrong with a record that was refused, by its name in the table of faults; otherwise empty.
  public String fault() {
    return error.getFault();
  }

  /// Not before this many milliseconds is it worth another try; 0 if nothing is said.
  public long retryAfterMs() {
    return error.getRetryAfterMs();
  }

  /// The conversation's current epoch, where the refusal is about another one; otherwise 0.
  public long currentEpoch() {
    return error.getCurrentEpoch();
  }

  /// Whom it is about, where that is told.
  public List<Uid> uids() {
    return error.getUidsList().stream().map(Uid::new).toList();
  }
}
