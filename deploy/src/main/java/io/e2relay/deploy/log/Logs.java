// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.util.Map;
import org.slf4j.LoggerFactory;

/// Sets up logging to stderr, which leaves stdout to the commands' answers.
public final class Logs {
  /// Sent by the launcher, which knows the terminal better than a JVM whose stdin is closed.
  public static final String TERMINAL_PROPERTY = "e2relay.terminal";

  private static final String PATTERN = "%d{HH:mm:ss.SSS} %-5level %logger{0}: %msg%n";
  // What libraries tell that no operator acts on. A pool's own complaint about a connection that broke is one of them:
  // the store tells the same once, in our words.
  private static final Map<String, Level> QUIET = Map.of("io.netty", Level.WARN, "io.vertx", Level.WARN, "org.flywaydb",
      Level.ERROR, "org.postgresql", Level.WARN, "io.micrometer", Level.ERROR, "io.vertx.sqlclient", Level.ERROR,
      "io.vertx.redis", Level.ERROR, "com.hazelcast", Level.WARN);

  private Logs() {
  }

  /// Format is auto, json or text; the level counts for this service's own loggers.
  public static void configure(String format, String level) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(
        encoder(context, format.equals("auto") ? Boolean.getBoolean(TERMINAL_PROPERTY) : format.equals("text")));
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(appender);
    QUIET.forEach((name, least) -> context.getLogger(name).setLevel(least));
    context.getLogger("io.e2relay").setLevel(Level.toLevel(level));
  }

  private static Encoder<ILoggingEvent> encoder(LoggerContext context, boolean readable) {
    if (!readable) {
      JsonLines json = new JsonLines();
      json.setContext(context);
      json.start();
      return json;
    }
    PatternLayoutEncoder pattern = new PatternLayoutEncoder();
    pattern.setContext(context);
    pattern.setPattern(PATTERN);
    pattern.start();
    return pattern;
  }
}
