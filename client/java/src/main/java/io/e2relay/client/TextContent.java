// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/// The content of a text message in an open conversation: the JSON object {"kind":"text","text":"…"}.
final class TextContent {
  private static final JsonFactory JSON = new JsonFactory();

  private TextContent() {
  }

  static ByteString of(String text) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("kind", "text");
      json.writeStringField("text", text);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ByteString.copyFromUtf8(out.toString());
  }

  static String textOf(ByteString body) {
    String kind = "";
    String text = "";
    try (JsonParser json = JSON.createParser(body.newInput())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return "";
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        JsonToken value = json.nextToken();
        if (value == JsonToken.VALUE_STRING && field.equals("kind")) {
          kind = json.getText();
        } else if (value == JsonToken.VALUE_STRING && field.equals("text")) {
          text = json.getText();
        } else {
          json.skipChildren();
        }
      }
    } catch (IOException _) {
      // Somebody else's content: not a text message.
      return "";
    }
    return kind.equals("text") ? text : "";
  }
}
