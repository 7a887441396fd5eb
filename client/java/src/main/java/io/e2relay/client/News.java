// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import static java.util.Objects.requireNonNull;

import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Welcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// News besides messages, on their way to all who act on them: bounded, one at a time, on one virtual thread.
///
/// Whoever gets a Welcome asks for everything; so when there is no more room, a Welcome takes the place of what waits.
final class News implements AutoCloseable {
  private static final int FRAMES_MAX = 256;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<ServerFrame> frames = new ArrayDeque<>();
  private final List<Consumer<ServerFrame>> handlers = new ArrayList<>();
  private @Nullable Welcome welcome;
  private boolean closed;

  News() {
    Thread.ofVirtual().name("e2relay-news").start(this::run);
  }

  void handler(Consumer<ServerFrame> chosen) {
    locked(() -> {
      handlers.add(chosen);
      Welcome last = welcome;
      if (last != null) {
        everything(last);
      }
    });
  }

  void welcomed(Welcome now) {
    locked(() -> {
      welcome = now;
      everything(now);
    });
  }

  void offer(ServerFrame frame) {
    locked(() -> {
      Welcome last = welcome;
      if (frames.size() < FRAMES_MAX || last == null) {
        frames.add(frame);
      } else {
        everything(last);
      }
    });
  }

  Welcome welcome() {
    lock.lock();
    try {
      return requireNonNull(welcome, "a client is handed out when it was welcomed");
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    locked(() -> closed = true);
  }

  private void everything(Welcome now) {
    frames.clear();
    frames.add(ServerFrame.newBuilder().setWelcome(now).build());
  }

  private void locked(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (true) {
        handOver();
      }
    } catch (InterruptedException _) {
      // Closed.
    }
  }

  private void handOver() throws InterruptedException {
    ServerFrame frame;
    List<Consumer<ServerFrame>> receivers;
    lock.lock();
    try {
      while (!closed && (frames.isEmpty() || handlers.isEmpty())) {
        changed.await();
      }
      ServerFrame next = frames.poll();
      if (closed || next == null) {
        throw new InterruptedException("closed");
      }
      frame = next;
      receivers = List.copyOf(handlers);
    } finally {
      lock.unlock();
    }
    receivers.forEach(receiver -> tell(receiver, frame));
  }

  private static void tell(Consumer<ServerFrame> receiver, ServerFrame frame) {
    try {
      receiver.accept(frame);
    } catch (RuntimeException e) {
      // What goes wrong with one does not cost the others.
      Thread.currentThread().getUncaughtExceptionHandler().uncaughtException(Thread.currentThread(), e);
    }
  }
}
