// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

/// Nothing is sent here before somebody has looked at the alarm.
public final class BlockedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Alarm alarm;

  BlockedException(Alarm alarm) {
    super("blocked by an alarm: " + alarm.getClass().getSimpleName());
    this.alarm = alarm;
  }

  public Alarm alarm() {
    return alarm;
  }
}
