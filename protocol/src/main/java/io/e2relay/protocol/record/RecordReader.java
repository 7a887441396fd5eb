// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Reads a record from left to right and keeps the first fault; behind a fault it reads nothing but stand-ins, which
/// nobody sees, because a record with a fault is not handed out. Nothing is allocated for bytes that are not there.
final class RecordReader {
  static final long U32_MAX = 0xffff_ffffL;
  static final long U64_MAX = (1L << 53) - 1;
  private static final int VERSION = 1;
  private static final int SUITE = 1;
  private static final int FIXED_MAX = 128;
  private static final ByteString STAND_IN = ByteString.copyFrom(new byte[FIXED_MAX]);
  private static final Point NO_POINT = new Point(
      ByteString.copyFrom(new byte[]{4}).concat(STAND_IN.substring(0, Point.BYTES - 1)));

  private final ByteString bytes;
  // The same bytes: several at once are read from it much faster.
  private final ByteBuffer words;
  private int position;
  private @Nullable Fault fault;

  RecordReader(ByteString bytes) {
    this.bytes = bytes;
    this.words = bytes.asReadOnlyByteBuffer().slice();
  }

  boolean faulty() {
    return fault != null;
  }

  void require(boolean condition, Fault otherwise) {
    if (!condition && fault == null) {
      fault = otherwise;
    }
  }

  /// All that was read so far.
  ByteString before() {
    return bytes.substring(0, position);
  }

  /// Ends the reading: nothing may be left, and only what has no fault is built.
  <T> Reading<T> end(Supplier<T> build) {
    require(position == bytes.size(), Fault.TRAILING_BYTES);
    return fault == null ? new Reading.Read<>(build.get()) : refused();
  }

  /// The fault that was found.
  <T> Reading<T> refused() {
    return new Reading.Unreadable<>(requireNonNull(fault, "only after a fault"));
  }

  void version() {
    require(u8() == VERSION, Fault.UNKNOWN_VERSION);
  }

  void suite() {
    require(number(2) == SUITE, Fault.UNKNOWN_SUITE);
  }

  /// What comes next, without reading it: so many bytes, or what is left.
  ByteString ahead(int length) {
    return bytes.substring(position, position + Math.min(length, left()));
  }

  /// Passes over what comes next, if it is exactly these bytes.
  boolean passed(ByteString other, int from, int length) {
    if (faulty() || length > left()
        || !bytes.substring(position, position + length).equals(other.substring(from, from + length))) {
      return false;
    }
    position += length;
    return true;
  }

  int u8() {
    return (int) number(1);
  }

  int count8(int max) {
    int count = u8();
    require(count <= max, Fault.OUT_OF_RANGE);
    return count;
  }

  int count16(int min, int max) {
    int count = (int) number(2);
    require(count >= min && count <= max, Fault.OUT_OF_RANGE);
    return count;
  }

  int length16() {
    return (int) number(2);
  }

  long u32(long min) {
    return ranged(number(4), min, U32_MAX);
  }

  /// Any eight bytes, also those that are no number of this protocol.
  long u64(long min) {
    return ranged(number(8), min, U64_MAX);
  }

  private long ranged(long number, long min, long max) {
    boolean inside = number >= min && number <= max;
    require(inside, Fault.OUT_OF_RANGE);
    return inside ? number : min;
  }

  <E extends Numbered> E oneOf(E[] all) {
    int number = u8();
    for (E one : all) {
      if (one.number() == number) {
        return one;
      }
    }
    require(false, Fault.UNKNOWN_VALUE);
    return all[0];
  }

  /// So many bytes, a number that the layout names and no input chose.
  ByteString fixed(int length) {
    require(length <= left(), Fault.TRUNCATED);
    return faulty() ? STAND_IN.substring(0, length) : taken(length);
  }

  /// What is left but so many bytes.
  ByteString allBut(int behind) {
    require(left() >= behind, Fault.TRUNCATED);
    return faulty() ? ByteString.EMPTY : taken(left() - behind);
  }

  Hash hash() {
    return new Hash(fixed(Hash.BYTES));
  }

  Point point() {
    ByteString point = fixed(Point.BYTES);
    require(faulty() || point.byteAt(0) == 4, Fault.MALFORMED_POINT);
    return faulty() ? NO_POINT : new Point(point);
  }

  Signature signature() {
    return new Signature(fixed(Signature.BYTES));
  }

  /// So many entries, whose keys strictly ascend; a list grows only as far as its bytes are there.
  <T> List<T> ascending(int count, Function<RecordReader, Supplier<T>> entry, Ascent<T> key) {
    List<T> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Supplier<T> read = entry.apply(this);
      if (faulty()) {
        break;
      }
      T next = read.get();
      require(all.isEmpty() || key.above(all.getLast(), next), Fault.UNSORTED);
      all.add(next);
    }
    return List.copyOf(all);
  }

  private ByteString taken(int length) {
    position += length;
    return bytes.substring(position - length, position);
  }

  private int left() {
    return bytes.size() - position;
  }

  private long number(int size) {
    require(size <= left(), Fault.TRUNCATED);
    if (faulty()) {
      return 0;
    }
    int at = position;
    position += size;
    return switch (size) {
      case 1 -> words.get(at) & 0xff;
      case 2 -> words.getShort(at) & 0xffff;
      case 4 -> words.getInt(at) & U32_MAX;
      case 8 -> words.getLong(at);
      default -> throw new IllegalArgumentException("no number has " + size + " bytes");
    };
  }
}
