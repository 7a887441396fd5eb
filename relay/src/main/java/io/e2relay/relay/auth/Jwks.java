// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The issuer's current keys: read at start, then regularly, and soon after a token names a key that is not among them.
///
/// Any thread may ask; reading happens on one event loop. While the keys cannot be read, the last ones count on.
public final class Jwks implements Keys {
  /// Strangers can name keys that do not exist; they make us read the keys no more often than this.
  static final long UNKNOWN_PAUSE_MS = 10_000;
  private static final long RETRY_MS_MIN = 1_000;
  private static final long RETRY_MS_MAX = 30_000;
  private static final Logger LOG = LoggerFactory.getLogger(Jwks.class);

  private record Loaded(JwkSet set, long atMs) {
  }

  private final Vertx vertx;
  private final Context context;
  private final KeyReader reader;
  private final TokenConfig config;
  private final InstantSource clock;
  private final AtomicLong triedMs = new AtomicLong();
  private volatile @Nullable Loaded loaded;

  // Only touched on the context.
  private Future<Void> reading = Future.succeededFuture();
  private boolean closed;
  private int failures;
  private long timer = -1;

  private Jwks(Vertx vertx, TokenConfig config, InstantSource clock) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.reader = KeyReader.of(vertx, config.keys());
    this.config = config;
    this.clock = clock;
  }

  /// Reads the keys once before the future completes. It fails for a file that cannot be used, which somebody has to
  /// correct; an endpoint that does not answer is asked again and again, and no token is accepted until it does.
  public static Future<Jwks> start(Vertx vertx, TokenConfig config, InstantSource clock) {
    Jwks jwks = new Jwks(vertx, config, clock);
    return jwks.onContext(jwks::read).compose(_ -> Future.succeededFuture(jwks), problem -> {
      if (config.keys() instanceof KeySource.File) {
        jwks.close();
        return Future.failedFuture(new IOException(
            "relay.token.jwks.file: cannot use '%s': %s".formatted(jwks.reader.place(), problem.getMessage()),
            problem));
      }
      return Future.succeededFuture(jwks);
    });
  }

  @Override
  public Lookup find(@Nullable String kid) {
    Loaded current = loaded;
    long nowMs = clock.millis();
    if (current == null || nowMs - current.atMs > config.stale().toMillis()) {
      return new Lookup.NotLoaded();
    }
    VerifyKey key = current.set.find(kid);
    if (key != null) {
      return new Lookup.Found(key);
    }
    long tried = triedMs.get();
    if (nowMs - tried >= UNKNOWN_PAUSE_MS && triedMs.compareAndSet(tried, nowMs)) {
      context.runOnContext(_ -> read());
    }
    return new Lookup.Unknown();
  }

  /// Stops reading; the keys known by now go on to be found.
  public Future<Void> close() {
    return onContext(() -> {
      closed = true;
      vertx.cancelTimer(timer);
      reader.close();
      return Future.succeededFuture();
    });
  }

  /// Completes when nothing that was asked for before is still being read.
  Future<Void> idle() {
    return onContext(() -> reading.otherwiseEmpty());
  }

  private Future<Void> onContext(Supplier<Future<Void>> action) {
    return Future.future(promise -> context.runOnContext(_ -> action.get().onComplete(promise)));
  }

  private Future<Void> read() {
    if (reading.isComplete() && !closed) {
      triedMs.set(clock.millis());
      reading = reader.read().compose(this::take).onComplete(_ -> succeeded(), this::failed);
    }
    return reading;
  }

  private Future<Void> take(byte[] document) {
    return switch (JwkSet.parse(document)) {
      case JwkSet.Parsed.Bad(String why) -> Future.failedFuture(new IOException(why));
      case JwkSet.Parsed.Good(JwkSet set) -> {
        if (loaded == null) {
          LOG.info("read {} keys of the token issuer from {} ({} others left out)", set.size(), reader.place(),
              set.skipped());
        }
        loaded = new Loaded(set, clock.millis());
        yield Future.succeededFuture();
      }
    };
  }

  private void succeeded() {
    if (failures > 0) {
      LOG.info("the keys of the token issuer can be read again");
    }
    failures = 0;
    again(config.refresh().toMillis());
  }

  private void failed(Throwable problem) {
    LOG.warn("cannot read the keys of the token issuer from {}: {}; {}", reader.place(), problem.getMessage(),
        loaded == null ? "no token is accepted until they come" : "the last ones count on");
    long pauseMs = Math.min(RETRY_MS_MAX, RETRY_MS_MIN << Math.min(failures, 5));
    failures++;
    again(Math.min(pauseMs, config.refresh().toMillis()));
  }

  private void again(long pauseMs) {
    if (!closed) {
      vertx.cancelTimer(timer);
      // All nodes of a site must not ask in the same moment.
      long jitterMs = ThreadLocalRandom.current().nextLong(pauseMs / 10 + 1);
      timer = vertx.setTimer(pauseMs - jitterMs, _ -> read());
    }
  }
}
