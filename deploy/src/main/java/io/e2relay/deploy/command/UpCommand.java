// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import java.util.List;

/// `up`: everything on this machine.
public final class UpCommand implements Command {
  @Override
  public String name() {
    return "up";
  }

  @Override
  public void run(List<String> given, Terminal terminal) throws UsageException, FailedException {
    throw new FailedException("not wired");
  }
}
