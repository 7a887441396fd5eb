// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.id.ConversationId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;

/// A log that answers when the test says so.
final class HeldLog implements Log {
  record Held(Batch batch, Promise<List<Outcome>> promise) {

    void store(long firstSeq) {
      List<Outcome> outcomes = new ArrayList<>();
      for (Append item : batch.items()) {
        outcomes.add(new Outcome.Stored(new Place(firstSeq + outcomes.size(), item.epoch(), 1)));
      }
      promise.complete(outcomes);
    }

    List<Append> items() {
      return batch.items();
    }
  }

  private final List<Held> inFlight = new ArrayList<>();

  @Override
  public Future<List<Outcome>> append(Batch batch) {
    Held held = new Held(batch, Promise.promise());
    inFlight.add(held);
    return held.promise().future();
  }

  int inFlight() {
    return inFlight.size();
  }

  List<Held> held() {
    return List.copyOf(inFlight);
  }

  Held take(int index) {
    return inFlight.remove(index);
  }

  Held take() {
    return take(0);
  }

  @Override
  public Future<ReadOutcome> read(Window window) {
    return Future.succeededFuture(new NoLog());
  }

  @Override
  public Future<List<HeadState>> heads(List<ConversationId> conversations) {
    return Future.succeededFuture(List.of());
  }

  @Override
  public Future<Boolean> durable() {
    return Future.succeededFuture(false);
  }
}
