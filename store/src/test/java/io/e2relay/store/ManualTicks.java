// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/// Time that passes when the test says so.
final class ManualTicks implements Ticks {
  private record Task(long at, long order, Runnable runnable) {
  }

  private final PriorityQueue<Task> tasks = new PriorityQueue<>(
      Comparator.comparingLong(Task::at).thenComparingLong(Task::order));
  private long now = 5_000_000_000L;
  private long order;

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public void after(Duration delay, Runnable task) {
    tasks.add(new Task(now + delay.toNanos(), order++, task));
  }

  int planned() {
    return tasks.size();
  }

  void pass(long millis) {
    long end = now + Duration.ofMillis(millis).toNanos();
    for (Task next = tasks.peek(); next != null && next.at() <= end; next = tasks.peek()) {
      tasks.remove();
      now = Math.max(now, next.at());
      next.runnable().run();
    }
    now = end;
  }
}
