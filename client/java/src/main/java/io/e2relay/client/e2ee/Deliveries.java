// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What was read on its way to the application: in order, on a thread of its own, and bounded. How far the application
/// has come is saved whenever nothing more waits, and behind every so many messages: after a crash, and only then,
/// those come once more.
///
/// Whoever reads asks for room before, and stops where there is none; when there is room again it is told.
final class Deliveries implements AutoCloseable {
  static final int WAITING_MAX = 1_024;
  static final int UNSAVED_MAX = 64;
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final Bookmarks bookmarks;
  private final Runnable roomAgain;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<Delivery> waiting = new ArrayDeque<>();
  // Not a virtual one: those that read and verify may keep all of their carriers busy for long.
  private final Thread thread = Thread.ofPlatform().daemon().name("e2relay-deliveries").unstarted(this::run);
  private @Nullable Consumer<EncryptedMessage> handler;
  private volatile Consumer<NowReadable> found = _ -> {
  };
  private boolean turnedAway;
  private boolean closed;

  /// What is handed on, in the order in which it was put.
  private sealed interface Delivery {
    record Read(Step step) implements Delivery {
    }

    record Found(NowReadable readable, Ranges where) implements Delivery {
    }
  }

  Deliveries(Bookmarks bookmarks, Runnable roomAgain) {
    this.bookmarks = bookmarks;
    this.roomAgain = roomAgain;
  }

  /// From now on messages go here; those that came before go first.
  void handler(Consumer<EncryptedMessage> chosen) {
    lock.lock();
    try {
      if (handler == null && !closed) {
        thread.start();
      }
      handler = chosen;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void found(Consumer<NowReadable> chosen) {
    found = chosen;
  }

  /// Whether more may be put. If not, it is told when there is room again.
  boolean hasRoom() {
    lock.lock();
    try {
      boolean room = waiting.size() < WAITING_MAX && !closed;
      turnedAway |= !room;
      return room;
    } finally {
      lock.unlock();
    }
  }

  void put(Step step) {
    put(new Delivery.Read(step));
  }

  void put(NowReadable readable, Ranges where) {
    put(new Delivery.Found(readable, where));
  }

  /// What was handed on is saved; what was not comes when the device is switched on again.
  @Override
  public void close() {
    boolean running;
    lock.lock();
    try {
      closed = true;
      running = handler != null;
      waiting.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (running && !Thread.currentThread().equals(thread)) {
      try {
        // Not for ever, and without interrupting: the application may be waiting for something itself.
        boolean _ = thread.join(CLOSING);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void put(Delivery delivery) {
    lock.lock();
    try {
      if (!closed) {
        waiting.add(delivery);
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      int unsaved = 0;
      for (@Nullable
      Delivery next = take(); next != null; next = take()) {
        deliver(next);
        unsaved++;
        if (unsaved >= UNSAVED_MAX || isEmpty()) {
          bookmarks.save();
          unsaved = 0;
        }
      }
      bookmarks.save();
    } catch (InterruptedException _) {
      // Nobody interrupts it but the application, which wants no more.
    }
  }

  private void deliver(Delivery delivery) {
    switch (delivery) {
      case Delivery.Read(Step step) -> {
        step.message().ifPresent(message -> tell(requiredHandler(), message));
        bookmarks.note(step);
      }
      case Delivery.Found(NowReadable readable, Ranges where) -> {
        tell(found, readable);
        bookmarks.noteFound(readable.conversation().id(), where);
      }
    }
  }

  private Consumer<EncryptedMessage> requiredHandler() {
    lock.lock();
    try {
      return java.util.Objects.requireNonNull(handler, "there is one as soon as there is a thread");
    } finally {
      lock.unlock();
    }
  }

  private static <T> void tell(Consumer<T> receiver, T what) {
    try {
      receiver.accept(what);
    } catch (RuntimeException e) {
      // What goes wrong with one does not cost the others.
      Thread.currentThread().getUncaughtExceptionHandler().uncaughtException(Thread.currentThread(), e);
    }
  }

  private boolean isEmpty() {
    lock.lock();
    try {
      return waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Delivery take() throws InterruptedException {
    lock.lock();
    try {
      while (!closed && waiting.isEmpty()) {
        changed.await();
      }
      Delivery next = waiting.poll();
      if (turnedAway && !closed && waiting.size() < WAITING_MAX / 2) {
        turnedAway = false;
        Thread.ofVirtual().name("e2relay-catching-up").start(roomAgain);
      }
      return next;
    } finally {
      lock.unlock();
    }
  }
}
