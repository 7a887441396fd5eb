// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.health;

/// What is known of this node's health. Written by its probes, read by whoever asks, on any thread.
public final class NodeHealth {
  private volatile boolean started;
  private volatile boolean draining;
  private volatile boolean postgres;
  private volatile boolean durable;

  /// All listeners are up.
  public void setStarted() {
    started = true;
  }

  /// From now on others should get the connections.
  public void setDraining() {
    draining = true;
  }

  void setPostgres(boolean answers, boolean keepsItsPromise) {
    postgres = answers;
    durable = keepsItsPromise;
  }

  public boolean isStarted() {
    return started;
  }

  public boolean isDraining() {
    return draining;
  }

  public boolean isPostgresUp() {
    return postgres;
  }

  /// PostgreSQL runs with the settings without which an acknowledgement would promise too much.
  public boolean isDurable() {
    return durable;
  }

  /// Not Redis: messages flow without it.
  public boolean isReady() {
    return started && postgres && !draining;
  }
}
