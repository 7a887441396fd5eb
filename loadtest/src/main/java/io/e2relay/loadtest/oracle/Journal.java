// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.oracle;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.MsgId;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/// Reads what a run wrote down, one event a line; loadtest/README.md says what the lines look like. Several generators
/// write several journals of one run: what one sent, another may have seen, so sendings are read before sightings.
final class Journal {
  private static final JsonFactory JSON = new JsonFactory();

  private final DeliveryLog log = new DeliveryLog();
  private final DeliveryTimes times = new DeliveryTimes();

  /// A line is no event: which, and why.
  static final class BadLineException extends Exception {
    private static final long serialVersionUID = 1;

    BadLineException(Path file, long line, String why) {
      super("%s, line %d: %s".formatted(file, line, why));
    }
  }

  DeliveryLog log() {
    return log;
  }

  DeliveryTimes times() {
    return times;
  }

  void readSendings(Path file) throws IOException, BadLineException {
    read(file, event -> {
      switch (event.kind()) {
        case "expects" -> log.expects(event.text("receiver"), event.conversation());
        case "attempted" -> {
          log.attempted(event.message(), event.conversation());
          times.attempted(event.message(), event.number("at"));
        }
        case "acknowledged" -> log.acknowledged(event.message(), event.number("seq"));
        case "received" -> {
          // Read when all sendings are known.
        }
        default -> throw new IllegalArgumentException("there is no event '%s'".formatted(event.kind()));
      }
    });
  }

  void readSightings(Path file) throws IOException, BadLineException {
    read(file, event -> {
      if (event.kind().equals("received")) {
        log.received(event.text("receiver"), event.conversation(), event.number("seq"), event.message());
        times.received(event.message(), event.number("at"));
      }
    });
  }

  private static void read(Path file, Reader reader) throws IOException, BadLineException {
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      long number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        try {
          reader.read(Event.of(line));
        } catch (JacksonException e) {
          throw new BadLineException(file, number, "is not a JSON object: " + e.getOriginalMessage());
        } catch (IllegalArgumentException e) {
          throw new BadLineException(file, number, String.valueOf(e.getMessage()));
        }
      }
    }
  }

  /// What to do with an event; refuses one with an [IllegalArgumentException].
  private interface Reader {
    void read(Event event);
  }

  private record Event(Map<String, String> fields) {
    static Event of(String line) throws IOException {
      Map<String, String> fields = new HashMap<>();
      try (JsonParser parser = JSON.createParser(line)) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
          throw new IllegalArgumentException("is not a JSON object");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          if (!parser.nextToken().isScalarValue()) {
            throw new IllegalArgumentException("'%s' is neither a text nor a number".formatted(name));
          }
          fields.put(name, parser.getText());
        }
      }
      return new Event(fields);
    }

    String kind() {
      return text("event");
    }

    String text(String name) {
      String text = fields.get(name);
      if (text == null) {
        throw new IllegalArgumentException("'%s' is missing".formatted(name));
      }
      return text;
    }

    long number(String name) {
      return Long.parseLong(text(name));
    }

    ConversationId conversation() {
      return new ConversationId(bytes("conversation"));
    }

    MsgId message() {
      return new MsgId(bytes("message"));
    }

    private ByteString bytes(String name) {
      return ByteString.copyFrom(HexFormat.of().parseHex(text(name)));
    }
  }
}
