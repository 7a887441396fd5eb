// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What is committed together, in the order in which it arrived. No message is in it twice: the second of two could
/// only be judged by the outcome of the first.
record Batch(List<Append> items) {

  Batch {
    items = List.copyOf(items);
    if (items.isEmpty()) {
      throw new IllegalArgumentException("a batch has at least one item");
    }
    Set<MessageKey> keys = HashSet.newHashSet(items.size());
    for (Append item : items) {
      if (!keys.add(item.key())) {
        throw new IllegalArgumentException("a batch has each message once");
      }
    }
  }

  int size() {
    return items.size();
  }
}
