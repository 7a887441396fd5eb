// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import org.flywaydb.core.api.logging.Log;
import org.flywaydb.core.api.logging.LogCreator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Flyway's log, where each step of a routine migration is worth a debug line and no more.
record QuietLog(Logger logger) implements Log {
  /// Made by Flyway, by its name.
  public static final class Creator implements LogCreator {
    public Creator() {
    }

    @Override
    public Log createLogger(Class<?> source) {
      return new QuietLog(LoggerFactory.getLogger(source));
    }
  }

  @Override
  public void debug(String message) {
    logger.debug(message);
  }

  @Override
  public void info(String message) {
    logger.debug(message);
  }

  @Override
  public void notice(String message) {
    logger.debug(message);
  }

  @Override
  public void warn(String message) {
    logger.warn(message);
  }

  @Override
  public void error(String message) {
    logger.error(message);
  }

  @Override
  public void error(String message, Exception e) {
    logger.error(message, e);
  }
}
