// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.interop;

import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// Something that one side makes and the other opens; a result is text, or the fault.
interface Operation {
  /// An item as it is sent, and what opening it gives.
  record One(JsonObject item, String expected) {
  }

  /// What all items have in common, as it is sent.
  default JsonObject begin() {
    return new JsonObject();
  }

  One make(RandomGenerator random, int index);

  /// What the other side sent that its items have in common.
  default void receive(JsonObject shared) {
  }

  String open(JsonObject item);

  static JsonObject making(Operation operation, int count, RandomGenerator random) {
    JsonObject shared = operation.begin();
    JsonArray items = new JsonArray();
    JsonArray expected = new JsonArray();
    for (int i = 0; i < count; i++) {
      One one = operation.make(random, i);
      items.add(one.item());
      expected.add(one.expected());
    }
    return new JsonObject().put("shared", shared).put("items", items).put("expected", expected);
  }

  static JsonArray opening(Operation operation, JsonObject made) {
    operation.receive(made.getJsonObject("shared", new JsonObject()));
    JsonArray results = new JsonArray();
    made.getJsonArray("items").forEach(item -> results.add(operation.open((JsonObject) item)));
    return results;
  }

  static <T> String outcome(Reading<T> reading, Function<T, String> text) {
    return switch (reading) {
      case Reading.Read<T>(T value) -> text.apply(value);
      case Reading.Unreadable<T>(Fault fault) -> fault.name();
    };
  }

  /// For what this side made itself.
  static <T> T value(Reading<T> reading) {
    return switch (reading) {
      case Reading.Read<T>(T value) -> value;
      case Reading.Unreadable<T>(Fault fault) -> throw new AssertionError(fault.name());
    };
  }
}
