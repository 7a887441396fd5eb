// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A JSON value as strangers send it: UTF-8 only, no name twice, no deep nesting, nothing after the end.
sealed interface Json {
  int DEPTH_MAX = 16;

  record Text(String value) implements Json {
  }

  record Decimal(double value) implements Json {
  }

  record Flag(boolean value) implements Json {
  }

  record Nothing() implements Json {
  }

  record Items(List<Json> values) implements Json {
  }

  record Fields(Map<String, Json> values) implements Json {
    boolean has(String name) {
      return values.containsKey(name);
    }

    @Nullable
    Json get(String name) {
      return values.get(name);
    }

    @Nullable
    String text(String name) {
      return values.get(name) instanceof Text(String value) ? value : null;
    }
  }

  /// The object that these bytes are, or null when they are anything else.
  static @Nullable Fields object(byte[] bytes) {
    try (JsonParser parser = Reader.FACTORY.createParser(Reader.utf8(bytes))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      Fields fields = Reader.fields(parser);
      return parser.nextToken() == null ? fields : null;
    } catch (IOException _) {
      return null;
    }
  }

  /// Turns the parser's tokens into values; the recursion is as deep as the parser's own limit allows.
  final class Reader {
    // Names are neither interned nor remembered: they come from whoever connects.
    private static final JsonFactory FACTORY = new JsonFactoryBuilder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .streamReadConstraints(
            StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).maxNumberLength(64).maxNameLength(1_024).build())
        .build();

    private Reader() {
    }

    private static String utf8(byte[] bytes) throws CharacterCodingException {
      return StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT).decode(ByteBuffer.wrap(bytes)).toString();
    }

    private static Fields fields(JsonParser parser) throws IOException {
      Map<String, Json> values = new HashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        values.put(name, value(parser));
      }
      return new Fields(values);
    }

    private static Items items(JsonParser parser) throws IOException {
      List<Json> values = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        values.add(value(parser));
      }
      return new Items(values);
    }

    private static Json value(JsonParser parser) throws IOException {
      return switch (parser.currentToken()) {
        case START_OBJECT -> fields(parser);
        case START_ARRAY -> items(parser);
        case VALUE_STRING -> new Text(parser.getText());
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Decimal(parser.getDoubleValue());
        case VALUE_TRUE -> new Flag(true);
        case VALUE_FALSE -> new Flag(false);
        case VALUE_NULL -> new Nothing();
        case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new IllegalStateException("a blocking parser of text has no such value");
      };
    }
  }
}
