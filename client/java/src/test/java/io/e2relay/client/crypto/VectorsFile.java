// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// A file of published vectors in the making. What it says about faults is what this implementation finds.
final class VectorsFile {
  private final Map<String, Object> head = new LinkedHashMap<>();
  private final List<Map<String, Object>> positive = new ArrayList<>();
  private final List<Map<String, Object>> negative = new ArrayList<>();
  private final List<Map<String, Object>> altered = new ArrayList<>();
  private int flips;
  private int cuts;

  VectorsFile(String subject) {
    head.put("subject", subject);
  }

  String subject() {
    return requireNonNull(head.get("subject")).toString();
  }

  /// What several cases share.
  VectorsFile given(String name, Object value) {
    head.put(name, VectorsCase.plain(value));
    return this;
  }

  void positive(VectorsCase one) {
    positive.add(one.fields());
  }

  /// The fault that is expected is written down by hand beside the case; that it is found is checked here.
  void negative(VectorsCase one, Fault expected, Reading<?> found) {
    if (!(found instanceof Reading.Unreadable<?>(Fault fault)) || fault != expected) {
      throw new AssertionError(subject() + ": " + one.fields().get("name") + ": " + found + ", not " + expected);
    }
    negative.add(one.with(expected).fields());
  }

  /// Every byte changed and every length shorter than the whole, with the fault that each gives.
  void altered(VectorsCase one, ByteString whole, Function<ByteString, Reading<?>> outcome) {
    if (outcome.apply(whole) instanceof Reading.Unreadable<?>(Fault fault)) {
      throw new AssertionError(subject() + ": " + one.fields().get("name") + ": " + fault + " before it is altered");
    }
    VectorsRuns flipped = new VectorsRuns();
    VectorsRuns cut = new VectorsRuns();
    for (int at = 0; at < whole.size(); at++) {
      byte[] bytes = whole.toByteArray();
      bytes[at] ^= 1;
      flipped.add(at, outcome.apply(ByteString.copyFrom(bytes)));
      cut.add(at, outcome.apply(whole.substring(0, at)));
    }
    flips += whole.size();
    cuts += whole.size();
    altered.add(one.with("flips", flipped.json()).with("cuts", cut.json()).fields());
  }

  int count(String what) {
    return switch (what) {
      case "positive" -> positive.size();
      case "negative" -> negative.size();
      case "flips" -> flips;
      default -> cuts;
    };
  }

  String text() {
    Map<String, Object> file = new LinkedHashMap<>(head);
    file.put("positive", positive);
    file.put("negative", negative);
    file.put("altered", altered);
    return VectorsJson.text(file);
  }
}
