// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.database;

import io.vertx.pgclient.PgException;

/// The database gave no answer in time, or an error instead: nothing is known of what was asked.
public final class Unavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Unavailable(Throwable cause) {
    super(describe(cause), cause);
  }

  public Unavailable(String message) {
    super(message);
  }

  // The server's own text may quote what it was given.
  private static String describe(Throwable cause) {
    String name = cause.getClass().getSimpleName();
    return cause instanceof PgException refusal ? name + " " + refusal.getSqlState() : name;
  }
}
