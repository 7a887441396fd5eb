// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/// The subscriptions that wait for a page of the log: first come, first served, so many at once and not more than a
/// few for one connection, so that a lost hint of a large conversation does not become a storm.
final class ReadLine {
  private static final int PER_CONNECTION = 4;

  private final int max;
  private final Consumer<Subscription> start;
  private final Deque<Subscription> waiting = new ArrayDeque<>();
  private int running;

  ReadLine(int max, Consumer<Subscription> start) {
    this.max = max;
    this.start = start;
  }

  void want(Subscription subscription) {
    if (subscription.wantsRead() && subscription.queue()) {
      waiting.add(subscription);
      next();
    }
  }

  void finished(Subscription subscription) {
    running--;
    Subscriber subscriber = subscription.subscriber;
    subscriber.reading--;
    letForward(subscriber);
    next();
  }

  private void letForward(Subscriber subscriber) {
    Subscription held = subscriber.waiting.poll();
    if (held != null) {
      waiting.add(held);
    }
  }

  private void next() {
    while (running < max) {
      Subscription first = waiting.poll();
      if (first == null) {
        return;
      }
      if (first.subscriber.reading >= PER_CONNECTION) {
        first.subscriber.waiting.add(first);
        continue;
      }
      first.unqueue();
      if (first.wantsRead()) {
        running++;
        first.subscriber.reading++;
        start.accept(first);
      } else {
        // Its turn goes to the next of its connection: nothing else might ever call on that one.
        letForward(first.subscriber);
      }
    }
  }
}
