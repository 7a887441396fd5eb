// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.function.Function;

/// By which bytes of its entries a list strictly ascends.
record Ascent<T>(Function<T, ByteString> key) {
  /// Keys of one list have the same length.
  boolean above(T lower, T higher) {
    return compare(key.apply(lower), key.apply(higher)) < 0;
  }

  boolean isBelow(T entry, ByteString other) {
    return compare(key.apply(entry), other) < 0;
  }

  /// Where the entry with that key is; negative if there is none.
  int search(List<T> list, ByteString wanted) {
    int low = 0;
    int high = list.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = compare(key.apply(list.get(middle)), wanted);
      if (order == 0) {
        return middle;
      }
      low = order < 0 ? middle + 1 : low;
      high = order > 0 ? middle - 1 : high;
    }
    return -1;
  }

  /// Written out, because the library's takes several times as long, and thousands are compared.
  private static int compare(ByteString one, ByteString other) {
    for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
      int order = (one.byteAt(i) & 0xff) - (other.byteAt(i) & 0xff);
      if (order != 0) {
        return order;
      }
    }
    return 0;
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
