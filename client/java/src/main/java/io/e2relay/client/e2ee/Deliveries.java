// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// Opened messages on their way to the application, in order, on a thread of their own. While it is slow or not there,
/// whoever opens them waits.
final class Deliveries implements AutoCloseable {
  private static final int MESSAGES_MAX = 1_024;

  private final BlockingQueue<EncryptedMessage> messages = new ArrayBlockingQueue<>(MESSAGES_MAX);
  private final AtomicReference<Thread> running = new AtomicReference<>();

  /// From now on messages go here; those that came before go first.
  void handler(Consumer<EncryptedMessage> handler) {
    Thread next = Thread.ofVirtual().name("e2relay-deliveries").unstarted(() -> deliver(handler));
    Thread before = running.getAndSet(next);
    if (before != null) {
      before.interrupt();
    }
    next.start();
  }

  void put(EncryptedMessage message) throws InterruptedException {
    messages.put(message);
  }

  @Override
  public void close() {
    Thread last = running.get();
    if (last != null) {
      last.interrupt();
    }
    messages.clear();
  }

  private void deliver(Consumer<EncryptedMessage> handler) {
    try {
      while (true) {
        handler.accept(messages.take());
      }
    } catch (InterruptedException _) {
      // Closed, or somebody else listens now.
    }
  }
}
