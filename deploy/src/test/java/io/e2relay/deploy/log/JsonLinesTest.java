// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class JsonLinesTest {
  @Test
  void an_event_is_one_line_of_json() {
    LoggingEvent event = event("says \"hello\"\nand {}", null, "more");
    event.addKeyValuePair(new KeyValuePair("port", 8443));
    String line = encoded(event);
    assertEquals(line.length() - 1, line.indexOf('\n'));
    JsonObject json = new JsonObject(line);
    assertEquals("2026-11-20T12:00:00.123Z", json.getString("time"));
    assertEquals("WARN", json.getString("level"));
    assertEquals("io.e2relay.Some", json.getString("logger"));
    assertEquals("says \"hello\"\nand more", json.getString("message"));
    assertEquals("8443", json.getString("port"));
    assertFalse(json.containsKey("error"));
  }

  @Test
  void an_error_comes_with_its_stack() {
    JsonObject json = new JsonObject(encoded(event("failed", new IllegalStateException("why"))));
    assertTrue(json.getString("error").startsWith("java.lang.IllegalStateException: why"));
    assertTrue(json.getString("error").contains("JsonLinesTest"));
  }

  private static LoggingEvent event(String message, @Nullable Throwable error, Object... arguments) {
    LoggerContext context = new LoggerContext();
    LoggingEvent event = new LoggingEvent("fqcn", context.getLogger("io.e2relay.Some"), Level.WARN, message, error,
        arguments);
    event.setInstant(Instant.parse("2026-11-20T12:00:00.123Z"));
    return event;
  }

  private static String encoded(LoggingEvent event) {
    return new String(new JsonLines().encode(event), StandardCharsets.UTF_8);
  }
}
