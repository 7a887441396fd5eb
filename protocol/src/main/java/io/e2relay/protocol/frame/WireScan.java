// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import org.jspecify.annotations.Nullable;

/// Walks the bytes of a protobuf frame along the schema before anything is built from them.
///
/// Two bytes can make the parser build an object of a hundred; so what is dense beyond any honest frame is refused
/// here, without building anything. Stricter than the parser: no groups, no field twice, no over-long numbers.
/// How deep it goes is bounded by the schema, in which no message contains itself; unknown fields stay opaque.
final class WireScan {
  // The smallest honest item (an id in a list) takes 18 bytes.
  private static final int ITEMS_MIN = 32;
  private static final int BYTES_PER_ITEM = 16;

  private final byte[] frame;
  private final int itemsMax;
  private int position;
  private int items;
  private int unknown;
  private long id;
  private String problem = "";

  WireScan(byte[] frame) {
    this.frame = frame;
    this.itemsMax = ITEMS_MIN + frame.length / BYTES_PER_ITEM;
  }

  /// Whether the parser may have these bytes; if not, there is a problem.
  boolean accepts(Descriptor type) {
    return message(type, frame.length, true);
  }

  /// The frame's id as far as the walk has come.
  long id() {
    return id;
  }

  String problem() {
    return problem;
  }

  private boolean message(Descriptor type, int end, boolean root) {
    long seen = 0;
    while (position < end) {
      long tag = varint(end);
      if (tag < 0 || tag > 0xffff_ffffL || tag >>> 3 == 0) {
        return refuse("not protobuf");
      }
      int number = (int) (tag >>> 3);
      int wireType = (int) (tag & 7);
      FieldDescriptor field = known(type, number, wireType);
      if (field != null && !field.isRepeated()) {
        long bit = 1L << slot(field);
        if ((seen & bit) != 0) {
          return refuse("a field twice");
        }
        seen |= bit;
      }
      if (!count(field)) {
        return false;
      }
      if (isPacked(type, number, wireType)) {
        return refuse("packed numbers");
      }
      int start = position;
      if (!value(field, wireType, end)) {
        return false;
      }
      if (root && number == 1 && field != null) {
        int after = position;
        position = start;
        id = varint(end);
        position = after;
      }
    }
    return true;
  }

  /// The field of that number, if it travels in that way; else it is as unknown as any other to the parser.
  private static @Nullable FieldDescriptor known(Descriptor type, int number, int wireType) {
    FieldDescriptor field = type.findFieldByNumber(number);
    return field != null && field.getLiteType().getWireType() == wireType ? field : null;
  }

  /// Many numbers behind one tag: the parser would take them, uncounted, from whoever encodes against the schema.
  private static boolean isPacked(Descriptor type, int number, int wireType) {
    FieldDescriptor field = type.findFieldByNumber(number);
    return wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED && field != null && field.isPackable();
  }

  /// Which bit stands for the field: the members of a oneof share one, because only one of them can be there.
  static int slot(FieldDescriptor field) {
    var oneof = field.getContainingOneof();
    return oneof == null ? field.getIndex() : oneof.getField(0).getIndex();
  }

  private boolean count(@Nullable FieldDescriptor field) {
    if (field == null) {
      return ++unknown <= Limits.UNKNOWN_FIELDS_MAX || refuse("too many unknown fields");
    }
    if (field.isRepeated() || field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      return ++items <= itemsMax || refuse("too many items for its size");
    }
    return true;
  }

  private boolean value(@Nullable FieldDescriptor field, int wireType, int end) {
    return switch (wireType) {
      case WireFormat.WIRETYPE_VARINT -> skipVarint(end);
      case WireFormat.WIRETYPE_FIXED64 -> skip(8, end);
      case WireFormat.WIRETYPE_FIXED32 -> skip(4, end);
      case WireFormat.WIRETYPE_LENGTH_DELIMITED -> delimited(field, end);
      default -> refuse("a group, or no protobuf");
    };
  }

  private boolean delimited(@Nullable FieldDescriptor field, int end) {
    int before = position;
    long length = varint(end);
    if (position == before || length < 0 || length > end - position) {
      return refuse("a length beyond the end");
    }
    if (field != null && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      return message(field.getMessageType(), position + (int) length, false);
    }
    return skip((int) length, end);
  }

  private boolean skip(int bytes, int end) {
    if (bytes > end - position) {
      return refuse("cut short");
    }
    position += bytes;
    return true;
  }

  private boolean skipVarint(int end) {
    int before = position;
    varint(end);
    return position > before || refuse("a number that does not end");
  }

  /// Reads a number; a position that has not moved says that there was none. Callers that need a small number
  /// find -1 too large or too small.
  private long varint(int end) {
    long value = 0;
    for (int i = 0; i < 10 && position + i < end; i++) {
      byte next = frame[position + i];
      if (i == 9 && (next & 0xfe) != 0) {
        return -1;
      }
      value |= (long) (next & 0x7f) << (7 * i);
      if (next >= 0) {
        position += i + 1;
        return value;
      }
    }
    return -1;
  }

  private boolean refuse(String why) {
    problem = why;
    return false;
  }
}
