// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.settings;

import io.e2relay.protocol.config.Settings;
import java.time.Duration;

/// The internal port: health and metrics, for operators only.
public record InternalConfig(String bind, int port, Duration probeInterval, int probeFailures) {

  public static InternalConfig read(Settings settings) {
    return new InternalConfig(settings.text("internal.bind", "127.0.0.1", "Address that health and metrics listen at."),
        settings.number("internal.port", 9090, 0, 65_535, "Port of health and metrics; 0 takes a free one."),
        settings.millis("internal.probe.interval.ms", 500, 50, 60_000,
            "How often PostgreSQL is asked whether it answers."),
        settings.number("internal.probe.failures", 3, 1, 100,
            "Failures in a row after which the node is not ready; one answer makes it ready again."));
  }
}
