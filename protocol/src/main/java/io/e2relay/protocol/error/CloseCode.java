// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.error;

/// Why the service closed a socket: 4000 to 4499 (and 1012) mean reconnect, 4500 to 4999 do not.
public enum CloseCode {
  // The empty comments keep one constant per line: the formatter knows no better way.
  RESTARTING(1012, "the node restarts; reconnect elsewhere"), //
  HELLO_TIMEOUT(4001, "no Hello in time"), //
  IDLE(4002, "no answer to a ping"), //
  SLOW(4008, "did not read fast enough"), //
  OVERLOADED(4013, "the node cannot take this connection now"), //
  TOKEN_EXPIRED(4401, "the token expired; reconnect with a new one"), //
  TOO_FAST(4429, "too many requests"), //
  PROTOCOL(4500, "a frame that no client of this protocol sends"), //
  TOO_LARGE(4501, "a frame above the limit"), //
  TOKEN_REFUSED(4502, "the token was refused"), //
  DEVICE_REFUSED(4503, "the device's login was refused");

  /// The longest reason text that a close frame may carry, in bytes.
  public static final int REASON_BYTES_MAX = 123;

  private final int number;
  private final String reason;

  CloseCode(int number, String reason) {
    this.number = number;
    this.reason = reason;
  }

  public int number() {
    return number;
  }

  public String reason() {
    return reason;
  }

  public boolean reconnect() {
    return number < 4500;
  }
}
