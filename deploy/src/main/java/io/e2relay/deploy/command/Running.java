// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import io.e2relay.backing.BackingException;
import io.e2relay.deploy.folder.DataFolder.FolderException;
import io.e2relay.deploy.node.Lifetime;
import io.e2relay.store.NodesVerticle.NameHeldException;
import java.net.BindException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A server from its start to its end. A start that fails leaves nothing running.
record Running(Lifetime lifetime) {
  private static final Logger LOG = LoggerFactory.getLogger(Running.class);

  /// Starts the parts, each with its stop, in the lifetime.
  interface Start {
    void run(Lifetime lifetime) throws Exception;
  }

  void run(Start start) throws FailedException {
    try {
      start.run(lifetime);
      lifetime.startOver();
      lifetime.awaitEnd();
    } catch (Exception e) {
      failed(e);
    }
  }

  private void failed(Exception e) throws FailedException {
    if (lifetime.isEnding()) {
      // Told to end while starting: the hook stops what there is, and with it this process.
      lifetime.startOver();
      awaitEnd();
      return;
    }
    lifetime.abandon();
    if (e instanceof FailedException told) {
      throw told;
    }
    throw new FailedException(message(e), e);
  }

  private void awaitEnd() {
    try {
      lifetime.awaitEnd();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static String message(Exception e) {
    Throwable cause = e;
    while (!(cause instanceof BindException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof BindException) {
      return "A port is in use or cannot be bound (%s).".formatted(cause.getMessage());
    }
    if (e instanceof BackingException || e instanceof FolderException || e instanceof NameHeldException) {
      return String.valueOf(e.getMessage());
    }
    LOG.error("the start failed", e);
    return "The start failed (%s%s).".formatted(cause.getClass().getSimpleName(),
        cause.getMessage() == null ? "" : ": " + cause.getMessage());
  }
}
