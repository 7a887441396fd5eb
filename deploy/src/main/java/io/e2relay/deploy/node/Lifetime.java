// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.node;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What was started, so that all of it is stopped again, newest first: after a failed start, and when the process is
/// told to end (SIGTERM, Ctrl-C), also in the middle of starting.
public final class Lifetime {
  private static final Logger LOG = LoggerFactory.getLogger(Lifetime.class);
  // A step of the start that is under way when the signal comes ends first: only then is it known what to stop.
  private static final Duration STEP_MAX = Duration.ofSeconds(130);

  /// A step that yields something to be stopped later.
  public interface Step<T> {
    T run() throws Exception;
  }

  /// Stops what a step yielded.
  public interface Stop<T> {
    void run(T started) throws Exception;
  }

  /// The process was told to end before the start was over.
  public static final class EndedException extends Exception {
    private static final long serialVersionUID = 1L;

    EndedException() {
      super("told to end while starting");
    }
  }

  private record Started(String what, Step<?> stop) {
  }

  private final Deque<Started> started = new ArrayDeque<>();
  private final CountDownLatch startOver = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean failed;
  private final Thread hook = new Thread(() -> Runtime.getRuntime().halt(end() && !failed ? 0 : 1), "end");
  private volatile boolean ending;
  private final Queue<Runnable> onEnding = new ConcurrentLinkedQueue<>();

  private Lifetime() {
  }

  /// From now on the end of the process stops what was started, and exits with 0 if all of it stopped.
  public static Lifetime ofProcess() {
    Lifetime lifetime = new Lifetime();
    Runtime.getRuntime().addShutdownHook(lifetime.hook);
    return lifetime;
  }

  /// One that no signal ends.
  static Lifetime ofTest() {
    return new Lifetime();
  }

  /// Runs a step and remembers how to undo it.
  public <T> T start(String what, Step<T> step, Stop<T> stop) throws Exception {
    if (ending) {
      throw new EndedException();
    }
    T result = step.run();
    synchronized (started) {
      started.push(new Started(what, () -> {
        stop.run(result);
        return result;
      }));
    }
    return result;
  }

  /// Nothing more will be started, either because all is up or because something failed.
  public void startOver() {
    startOver.countDown();
  }

  /// What to do first when the process is told to end.
  public void onEnding(Runnable action) {
    onEnding.add(action);
  }

  /// Waits until the process is told to end and everything has stopped.
  public void awaitEnd() throws InterruptedException {
    ended.await();
  }

  /// Ends the process as a signal would, but with 1: it cannot do its work any more. Returns at once.
  public void fail(String why) {
    failed = true;
    LOG.error(why);
    // Exiting waits for the hook, which needs the thread of whoever calls this.
    Thread.ofPlatform().name("fail").start(() -> Runtime.getRuntime().exit(1));
  }

  /// Whether the process was told to end.
  public boolean isEnding() {
    return ending;
  }

  /// The start failed: stops what there is, and leaves the exit code to the caller.
  public void abandon() {
    stopAll();
    startOver();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The process ends already, for whatever reason; the hook finds nothing left to stop.
    }
  }

  /// Stops everything, newest first. Says whether all of it stopped without complaint.
  boolean stopAll() {
    boolean clean = true;
    for (Started next = pop(); next != null; next = pop()) {
      try {
        next.stop.run();
      } catch (Exception e) {
        clean = false;
        LOG.warn("{} did not stop cleanly", next.what, e);
      }
    }
    return clean;
  }

  boolean end() {
    ending = true;
    try {
      if (!startOver.await(STEP_MAX.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("the start did not come to an end");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    onEnding.forEach(Runnable::run);
    boolean clean = stopAll();
    ended.countDown();
    return clean;
  }

  private @Nullable Started pop() {
    synchronized (started) {
      return started.poll();
    }
  }
}
