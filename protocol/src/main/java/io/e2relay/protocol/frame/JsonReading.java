// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import io.e2relay.protocol.wire.ClientFrame;
import java.io.IOException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads one JSON text as a client frame, by the protobuf JSON mapping, token by token.
///
/// The mapping's own reader builds a tree of the whole text first, lets a key come twice and computes 1e999999999;
/// this one builds only what the schema has a place for, and refuses texts denser than any honest frame. Whole
/// numbers must be written without fraction or exponent.
final class JsonReading {
  // The densest honest text (a list of uids) has an item in 25 characters.
  private static final int ITEMS_MIN = 32;
  private static final int CHARS_PER_ITEM = 24;
  // 2^64 - 1 has 20 digits.
  private static final int DIGITS_MAX = 20;

  private static final JsonFactory JSON = JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      // Names come from strangers: no table may remember them.
      .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
      .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(Limits.JSON_DEPTH_MAX).maxNameLength(128)
          .maxNumberLength(64).maxStringLength(Limits.FRAME_BYTES_MAX).build())
      .build();

  private static final Map<Descriptor, Map<String, FieldDescriptor>> FIELDS = fields();

  private final JsonParser parser;
  private final int itemsMax;
  private int items;
  private int unknown;
  private long id;

  private JsonReading(JsonParser parser, int itemsMax) {
    this.parser = parser;
    this.itemsMax = itemsMax;
  }

  /// What came of a text.
  sealed interface Outcome {
    record Read(ClientFrame frame) implements Outcome {
    }

    record Unreadable(long id, String problem) implements Outcome {
    }
  }

  static Outcome read(String text) {
    ClientFrame.Builder frame = ClientFrame.newBuilder();
    long id = 0;
    try (JsonParser parser = JSON.createParser(text)) {
      JsonReading reading = new JsonReading(parser, ITEMS_MIN + text.length() / CHARS_PER_ITEM);
      try {
        reading.root(frame);
      } finally {
        id = reading.id;
      }
    } catch (Unexpected e) {
      return new Outcome.Unreadable(id, e.problem);
    } catch (IOException _) {
      return new Outcome.Unreadable(id, "not JSON, or a key twice, or beyond the limits");
    }
    return new Outcome.Read(frame.build());
  }

  private void root(ClientFrame.Builder frame) throws IOException {
    expect(next() == JsonToken.START_OBJECT, "not a JSON object");
    message(frame);
    expect(parser.nextToken() == null, "something after the frame");
  }

  private void message(Message.Builder into) throws IOException {
    Descriptor type = into.getDescriptorForType();
    long seen = 0;
    while (next() == JsonToken.FIELD_NAME) {
      FieldDescriptor field = fieldsOf(type).get(parser.currentName());
      JsonToken token = next();
      if (field == null) {
        expect(++unknown <= Limits.UNKNOWN_FIELDS_MAX, "too many unknown fields");
        skip(token);
      } else if (token != JsonToken.VALUE_NULL) {
        long bit = 1L << WireScan.slot(field);
        expect((seen & bit) == 0, "a field twice");
        seen |= bit;
        field(into, field, token);
      }
    }
  }

  private void field(Message.Builder into, FieldDescriptor field, JsonToken token) throws IOException {
    if (!field.isRepeated()) {
      into.setField(field, value(into, field, token));
      if (into instanceof ClientFrame.Builder frame && field.getNumber() == ClientFrame.ID_FIELD_NUMBER) {
        id = frame.getId();
      }
      return;
    }
    expect(token == JsonToken.START_ARRAY, "a list was expected");
    for (JsonToken item = next(); item != JsonToken.END_ARRAY; item = next()) {
      count();
      into.addRepeatedField(field, value(into, field, item));
    }
  }

  private Object value(Message.Builder parent, FieldDescriptor field, JsonToken token) throws IOException {
    return switch (field.getJavaType()) {
      case MESSAGE -> {
        expect(token == JsonToken.START_OBJECT, "an object was expected");
        Message.Builder child = parent.newBuilderForField(field);
        message(child);
        yield child.build();
      }
      case LONG -> number(token);
      case INT -> number32(token);
      case BOOLEAN -> {
        expect(token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE, "true or false was expected");
        yield token == JsonToken.VALUE_TRUE;
      }
      case STRING -> text(token);
      case BYTE_STRING -> bytes(token);
      case ENUM -> member(field, token);
      // No client frame has one; a test says so for all that are added.
      case FLOAT, DOUBLE -> throw new Unexpected("a number with a fraction");
    };
  }

  /// An unsigned number, as digits or as a string of digits.
  private long number(JsonToken token) throws IOException {
    expect(token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_STRING, "a whole number was expected");
    expect(parser.getTextLength() <= DIGITS_MAX, "a number is too large");
    String digits = parser.getText();
    expect(isDigits(digits), "a whole number was expected");
    try {
      return Long.parseUnsignedLong(digits);
    } catch (NumberFormatException _) {
      throw new Unexpected("a number is too large");
    }
  }

  private int number32(JsonToken token) throws IOException {
    long number = number(token);
    expect(number >= 0 && number <= 0xffff_ffffL, "a number is too large");
    return (int) number;
  }

  private String text(JsonToken token) throws IOException {
    expect(token == JsonToken.VALUE_STRING, "a string was expected");
    String text = parser.getText();
    expect(wellFormed(text), "half a surrogate pair");
    return text;
  }

  private ByteString bytes(JsonToken token) throws IOException {
    expect(token == JsonToken.VALUE_STRING, "a base64 string was expected");
    String text = parser.getText();
    boolean url = text.indexOf('-') >= 0 || text.indexOf('_') >= 0;
    try {
      return UnsafeByteOperations.unsafeWrap((url ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text));
    } catch (IllegalArgumentException _) {
      throw new Unexpected("not base64");
    }
  }

  private EnumValueDescriptor member(FieldDescriptor field, JsonToken token) throws IOException {
    EnumValueDescriptor value = token == JsonToken.VALUE_STRING
        ? field.getEnumType().findValueByName(parser.getText())
        : field.getEnumType().findValueByNumber(number32(token));
    if (value == null) {
      throw new Unexpected("a name that is not known");
    }
    return value;
  }

  private void skip(JsonToken first) throws IOException {
    int depth = first.isStructStart() ? 1 : 0;
    while (depth > 0) {
      count();
      JsonToken token = next();
      depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
    }
  }

  /// What is in a list, and what is in something unknown: all the rest is in a message, each field once.
  private void count() throws Unexpected {
    expect(++items <= itemsMax, "too many items for its size");
  }

  private JsonToken next() throws IOException {
    JsonToken token = parser.nextToken();
    if (token == null) {
      throw new Unexpected("cut short");
    }
    return token;
  }

  private static boolean isDigits(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static boolean wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return false;
      }
    }
    return true;
  }

  private static void expect(boolean holds, String otherwise) throws Unexpected {
    if (!holds) {
      throw new Unexpected(otherwise);
    }
  }

  private static Map<String, FieldDescriptor> fieldsOf(Descriptor type) {
    @Nullable
    Map<String, FieldDescriptor> fields = FIELDS.get(type);
    if (fields == null) {
      throw new IllegalStateException("not part of a client frame: " + type.getFullName());
    }
    return fields;
  }

  private static Map<Descriptor, Map<String, FieldDescriptor>> fields() {
    Map<Descriptor, Map<String, FieldDescriptor>> all = new HashMap<>();
    collect(ClientFrame.getDescriptor(), all);
    return Map.copyOf(all);
  }

  private static void collect(Descriptor type, Map<Descriptor, Map<String, FieldDescriptor>> all) {
    if (all.containsKey(type)) {
      return;
    }
    Map<String, FieldDescriptor> names = new HashMap<>();
    all.put(type, names);
    for (FieldDescriptor field : type.getFields()) {
      names.put(field.getName(), field);
      names.put(field.getJsonName(), field);
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        collect(field.getMessageType(), all);
      }
    }
  }

  /// Leaves the recursion; never leaves this class.
  private static final class Unexpected extends IOException {
    private static final long serialVersionUID = 1L;
    private final String problem;

    Unexpected(String problem) {
      this.problem = problem;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }
}
