// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What comes for the application, on its way: bounded, in order, handed over on one virtual thread.
///
/// When the application is slower than the network, new messages are turned away; they are still in the log, and are
/// asked for again once there is room.
final class Inbox<T> implements AutoCloseable {
  private static final int MESSAGES_MAX = 4_096;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<T> messages = new ArrayDeque<>();
  private final Runnable roomAgain;
  private @Nullable Consumer<T> handler;
  private boolean turnedAway;
  private boolean closed;

  Inbox(Runnable roomAgain) {
    this.roomAgain = roomAgain;
    Thread.ofVirtual().name("e2relay-inbox").start(this::run);
  }

  /// From now on messages go here; those that came before go first.
  void handler(Consumer<T> chosen) {
    locked(() -> handler = chosen);
  }

  /// Takes the message, or turns it away because there is no room.
  boolean offer(T message) {
    lock.lock();
    try {
      if (messages.size() >= MESSAGES_MAX) {
        turnedAway = true;
        return false;
      }
      messages.add(message);
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Whether nothing has been turned away since there was room.
  boolean hasRoom() {
    lock.lock();
    try {
      return !turnedAway;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    locked(() -> closed = true);
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
    T message;
    Consumer<T> receiver;
    boolean tellRoom;
    lock.lock();
    try {
      while (!closed && (messages.isEmpty() || handler == null)) {
        changed.await();
      }
      Consumer<T> current = handler;
      T next = messages.poll();
      if (closed || current == null || next == null) {
        throw new InterruptedException("closed");
      }
      message = next;
      receiver = current;
      tellRoom = turnedAway && messages.size() < MESSAGES_MAX / 2;
      turnedAway = turnedAway && !tellRoom;
    } finally {
      lock.unlock();
    }
    if (tellRoom) {
      roomAgain.run();
    }
    try {
      receiver.accept(message);
    } catch (RuntimeException e) {
      // What goes wrong with one does not cost the others.
      Thread.currentThread().getUncaughtExceptionHandler().uncaughtException(Thread.currentThread(), e);
    }
  }
}
