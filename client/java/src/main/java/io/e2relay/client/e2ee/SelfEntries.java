// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import java.util.Collections;
import java.util.Comparator;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What labels and marks look like inside of their blob: for each id of 16 bytes a value of up to 255, ascending.
record SelfEntries(SortedMap<ByteString, ByteString> values) {
  static final int ID_BYTES = 16;
  static final int VALUE_BYTES_MAX = 255;
  static final SelfEntries NONE = new SelfEntries(new TreeMap<>(ByteString.unsignedLexicographicalComparator()));

  SelfEntries {
    SortedMap<ByteString, ByteString> copy = new TreeMap<>(ByteString.unsignedLexicographicalComparator());
    copy.putAll(values);
    values = Collections.unmodifiableSortedMap(copy);
  }

  SelfEntries with(ByteString id, Optional<ByteString> value) {
    if (id.size() != ID_BYTES || value.filter(bytes -> bytes.size() > VALUE_BYTES_MAX).isPresent()) {
      throw new IllegalArgumentException(Fault.WRONG_LENGTH.name());
    }
    SortedMap<ByteString, ByteString> changed = new TreeMap<>(values);
    value.ifPresentOrElse(bytes -> changed.put(id, bytes), () -> changed.remove(id));
    return new SelfEntries(changed);
  }

  Optional<ByteString> value(ByteString id) {
    return Optional.ofNullable(values.get(id));
  }

  ByteString bytes() {
    ByteString bytes = ByteString.EMPTY;
    for (var entry : values.entrySet()) {
      bytes = bytes.concat(entry.getKey()).concat(ByteString.copyFrom(new byte[]{(byte) entry.getValue().size()}))
          .concat(entry.getValue());
    }
    return bytes;
  }

  static Reading<SelfEntries> read(ByteString bytes) {
    Comparator<ByteString> order = ByteString.unsignedLexicographicalComparator();
    TreeMap<ByteString, ByteString> values = new TreeMap<>(order);
    int at = 0;
    while (at < bytes.size()) {
      if (bytes.size() - at <= ID_BYTES || bytes.size() - at - ID_BYTES - 1 < (bytes.byteAt(at + ID_BYTES) & 0xff)) {
        return new Reading.Unreadable<>(Fault.TRUNCATED);
      }
      ByteString id = bytes.substring(at, at + ID_BYTES);
      if (!values.isEmpty() && order.compare(values.lastKey(), id) >= 0) {
        return new Reading.Unreadable<>(Fault.UNSORTED);
      }
      int from = at + ID_BYTES + 1;
      at = from + (bytes.byteAt(at + ID_BYTES) & 0xff);
      values.put(id, bytes.substring(from, at));
    }
    return new Reading.Read<>(new SelfEntries(values));
  }

  /// Out of the vault, where it was put by this device.
  static SelfEntries stored(ByteString bytes) {
    return switch (read(bytes)) {
      case Reading.Read<SelfEntries>(SelfEntries entries) -> entries;
      case Reading.Unreadable<SelfEntries>(Fault fault) -> throw new IllegalStateException(fault.name());
    };
  }
}
