// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/// By which bytes of its entries a list strictly ascends.
record Ascent<T>(Function<T, ByteString> key) {
  private static final Comparator<ByteString> UNSIGNED = ByteString.unsignedLexicographicalComparator();

  boolean above(T lower, T higher) {
    return UNSIGNED.compare(key.apply(lower), key.apply(higher)) < 0;
  }

  boolean holds(List<T> list) {
    for (int i = 1; i < list.size(); i++) {
      if (!above(list.get(i - 1), list.get(i))) {
        return false;
      }
    }
    return true;
  }
}
