// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import java.util.List;

/// One thing that the command line can do.
public interface Command {
  String name();

  /// Does it. Returns when it is done, which for a server is when it was told to stop.
  void run(List<String> arguments, Terminal terminal) throws UsageException, FailedException;
}
