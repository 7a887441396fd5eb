// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.keys;

import io.e2relay.loadtest.measure.Child;
import io.e2relay.loadtest.measure.CpuAccount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The service as `up` starts it, in a process of its own, with a PostgreSQL that writes to the disk.
record ServiceProcess(Child process) implements AutoCloseable {
  // Nothing is refused because one connection asks too often, or because the machine is slow.
  private static final List<String> SETTINGS = List.of("relay.requests.per.second=100000",
      "relay.requests.burst=100000", "relay.hello.ms=60000", "keys.timeout.ms=10000", "node.bus.timeout.ms=30000",
      "log.level=warn");

  /// Returns when it is up.
  ///
  /// @param command the server's, to which `up` and its options are added
  static ServiceProcess start(List<String> command, Path folder) {
    List<String> words = new ArrayList<>(command);
    words
        .addAll(List.of("up", "--port", String.valueOf(Child.freePort()), "--data", folder.resolve("data").toString()));
    SETTINGS.forEach(setting -> words.addAll(List.of("--set", setting)));
    return new ServiceProcess(Child.start(words, "Ctrl-C"));
  }

  /// What follows the name in the announcement.
  String said(String name) {
    return process.said(name);
  }

  /// Every role is in this one process.
  CpuAccount server() {
    return process.cpu();
  }

  CpuAccount postgres() {
    return process.postgres();
  }

  @Override
  public void close() {
    process.close();
  }
}
