// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import com.google.protobuf.ByteString;
import io.e2relay.relay.session.Effect;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// News for a client that does not read: the last about each thing, and of each kind not about more things than a
/// client may subscribe to.
final class HeldNews {
  enum Kind {
    LIST, ACCOUNT, READY, JOBS
  }

  private final int max;
  private final Map<Kind, Map<ByteString, Supplier<List<Effect>>>> held = new EnumMap<>(Kind.class);

  HeldNews(int max) {
    this.max = max;
  }

  void hold(Kind kind, ByteString about, Supplier<List<Effect>> news) {
    Map<ByteString, Supplier<List<Effect>>> same = held.computeIfAbsent(kind, _ -> new LinkedHashMap<>());
    if (same.size() < max || same.containsKey(about)) {
      same.put(about, news);
    }
  }

  void release(Consumer<List<Effect>> teller) {
    List<Supplier<List<Effect>>> all = new ArrayList<>();
    held.values().forEach(same -> all.addAll(same.values()));
    held.clear();
    all.forEach(news -> teller.accept(news.get()));
  }
}
