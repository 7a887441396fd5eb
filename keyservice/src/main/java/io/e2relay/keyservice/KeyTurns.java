// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import io.e2relay.keyservice.account.Accounts;
import io.e2relay.keyservice.conversation.News;
import io.e2relay.keyservice.database.Unavailable;
import io.e2relay.keyservice.turn.Turn;
import io.e2relay.keyservice.turn.Turns;
import io.e2relay.protocol.id.Uid;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The worker that closes epochs after users' keys turned: called whenever there may be work, and then at it until
/// there is none.
final class KeyTurns {
  private static final Logger LOG = LoggerFactory.getLogger(KeyTurns.class);
  private static final Duration EVERY = Duration.ofSeconds(5);
  // In a row; after them it waits for the next call.
  private static final int FAILURES_MAX = 3;

  private final Turns turns;
  private final Accounts accounts;
  private final KeyNews news;
  private final KeyMetrics metrics;
  private final Context context;
  // Calls that the worker has not answered yet by looking for work.
  private final AtomicInteger calls = new AtomicInteger();
  private final Promise<Void> rest = Promise.promise();
  private volatile boolean stopped;

  /// @param context on virtual threads
  KeyTurns(Turns turns, Accounts accounts, KeyNews news, KeyMetrics metrics, Context context) {
    this.turns = turns;
    this.accounts = accounts;
    this.news = news;
    this.metrics = metrics;
    this.context = context;
  }

  /// With what this node or another left when it died, and from now on with what others leave.
  void begin() {
    call();
    context.owner().setPeriodic(EVERY.toMillis(), _ -> call());
  }

  /// There may be work.
  void call() {
    if (!stopped && calls.getAndIncrement() == 0) {
      context.runOnContext(_ -> work());
    }
  }

  /// Done when the step that is under way is.
  Future<Void> stop() {
    stopped = true;
    if (calls.get() == 0) {
      rest.tryComplete();
    }
    return rest.future();
  }

  private void work() {
    int answered;
    do {
      answered = calls.get();
      workOff();
    } while (!calls.compareAndSet(answered, 0));
    if (stopped) {
      rest.tryComplete();
    }
  }

  private void workOff() {
    int failures = 0;
    while (!stopped && failures < FAILURES_MAX) {
      try {
        if (!step()) {
          return;
        }
        failures = 0;
      } catch (Unavailable e) {
        failures++;
        LOG.debug("an epoch is not closed yet: {}", e.getMessage());
      } catch (RuntimeException e) {
        failures++;
        metrics.failed();
        LOG.error("an epoch that is for an old key could not be closed", e);
      }
    }
  }

  /// Whether there may be more to do.
  private boolean step() {
    return switch (turns.next()) {
      case Turn.Closed(News closed) -> {
        news.tell(closed);
        yield true;
      }
      case Turn.Passed _ -> true;
      case Turn.Finished(Uid uid) -> {
        // Told by who stored the record, unless that died first.
        news.devices(uid, accounts.devices(uid));
        yield true;
      }
      case Turn.Nothing _ -> false;
    };
  }
}
