// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Keys from a real HTTP server on this machine, and from a file.
final class JwksTest {
  private static final long DEADLINE_MS = 20_000;

  private final AtomicLong nowMs = new AtomicLong(1_800_000_000_000L);
  private final InstantSource clock = () -> Instant.ofEpochMilli(nowMs.get());
  private final AtomicInteger requests = new AtomicInteger();
  private final Vertx vertx = Vertx.vertx();
  private volatile String document = "";
  private volatile int status = 200;
  private HttpServer server;
  private TestIssuer first;
  private TestIssuer second;

  @BeforeEach
  void serve() throws Exception {
    first = TestIssuer.p256("first");
    second = TestIssuer.ed25519("second");
    document = TestIssuer.jwks(first);
    server = vertx.createHttpServer().requestHandler(this::answer).listen(0, "127.0.0.1").await(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void keys_are_there_when_it_has_started() throws Exception {
    Jwks jwks = start(url("/keys"));
    assertInstanceOf(Keys.Lookup.Found.class, jwks.find("first"));
    assertInstanceOf(Keys.Lookup.Found.class, jwks.find(null));
    assertInstanceOf(Keys.Lookup.Unknown.class, jwks.find("second"));
  }

  @Test
  void a_new_key_works_soon_after_the_first_token_that_names_it() throws Exception {
    Jwks jwks = start(url("/keys"));
    document = TestIssuer.jwks(first, second);
    nowMs.addAndGet(Jwks.UNKNOWN_PAUSE_MS);
    assertInstanceOf(Keys.Lookup.Unknown.class, jwks.find("second"));
    eventually(() -> jwks.find("second") instanceof Keys.Lookup.Found);
    document = TestIssuer.jwks(second);
    nowMs.addAndGet(Jwks.UNKNOWN_PAUSE_MS);
    assertInstanceOf(Keys.Lookup.Unknown.class, jwks.find("third"));
    eventually(() -> jwks.find("first") instanceof Keys.Lookup.Unknown);
  }

  @Test
  void unknown_keys_make_it_read_at_most_every_ten_seconds() throws Exception {
    Jwks jwks = start(url("/keys"));
    nowMs.addAndGet(Jwks.UNKNOWN_PAUSE_MS - 1);
    for (int i = 0; i < 100; i++) {
      jwks.find("unknown" + i);
    }
    flush(jwks);
    assertEquals(1, requests.get());
    nowMs.addAndGet(1);
    for (int i = 0; i < 100; i++) {
      jwks.find("unknown" + i);
    }
    eventually(() -> requests.get() == 2);
    flush(jwks);
    assertEquals(2, requests.get());
  }

  @Test
  void the_last_keys_count_while_the_endpoint_is_down_and_no_longer_than_allowed() throws Exception {
    Jwks jwks = start(url("/keys"));
    status = 500;
    nowMs.addAndGet(Jwks.UNKNOWN_PAUSE_MS);
    jwks.find("unknown");
    eventually(() -> requests.get() >= 2);
    assertInstanceOf(Keys.Lookup.Found.class, jwks.find("first"));
    server.close().await(10, TimeUnit.SECONDS);
    nowMs.addAndGet(Duration.ofHours(1).toMillis() - Jwks.UNKNOWN_PAUSE_MS);
    assertInstanceOf(Keys.Lookup.Found.class, jwks.find("first"));
    nowMs.addAndGet(1);
    assertInstanceOf(Keys.Lookup.NotLoaded.class, jwks.find("first"));
  }

  @Test
  void a_document_that_is_no_key_set_replaces_nothing() throws Exception {
    Jwks jwks = start(url("/keys"));
    document = "<html>Sorry</html>";
    nowMs.addAndGet(Jwks.UNKNOWN_PAUSE_MS);
    jwks.find("unknown");
    eventually(() -> requests.get() >= 2);
    flush(jwks);
    assertInstanceOf(Keys.Lookup.Found.class, jwks.find("first"));
  }

  @Test
  void an_endpoint_that_comes_late_is_found() throws Exception {
    status = 503;
    Jwks jwks = start(url("/keys"));
    assertInstanceOf(Keys.Lookup.NotLoaded.class, jwks.find("first"));
    status = 200;
    eventually(() -> jwks.find("first") instanceof Keys.Lookup.Found);
  }

  @Test
  void keys_are_read_again_by_themselves() throws Exception {
    Jwks jwks = start(config(url("/keys"), Duration.ofMillis(100)));
    document = TestIssuer.jwks(second);
    eventually(() -> jwks.find("first") instanceof Keys.Lookup.Unknown);
    assertInstanceOf(Keys.Lookup.Found.class, jwks.find("second"));
  }

  @Test
  void redirects_are_not_followed() throws Exception {
    assertInstanceOf(Keys.Lookup.NotLoaded.class, start(url("/moved")).find("first"));
    assertInstanceOf(Keys.Lookup.Found.class, start(url("/keys")).find("first"));
  }

  @Test
  void a_document_without_end_is_given_up() throws Exception {
    assertInstanceOf(Keys.Lookup.NotLoaded.class, start(url("/endless")).find("first"));
    assertInstanceOf(Keys.Lookup.Found.class, start(url("/keys")).find("first"));
  }

  @Test
  void a_file_is_read_and_read_again(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("keys.json"), TestIssuer.jwks(first));
    Jwks jwks = start(new KeySource.File(file));
    assertInstanceOf(Keys.Lookup.Found.class, jwks.find("first"));
    Files.writeString(file, TestIssuer.jwks(first, second));
    nowMs.addAndGet(Jwks.UNKNOWN_PAUSE_MS);
    eventually(() -> jwks.find("second") instanceof Keys.Lookup.Found);
    Files.delete(file);
    nowMs.addAndGet(Jwks.UNKNOWN_PAUSE_MS);
    jwks.find("unknown");
    flush(jwks);
    assertInstanceOf(Keys.Lookup.Found.class, jwks.find("first"));
  }

  @Test
  void a_file_that_cannot_be_used_stops_the_start(@TempDir Path folder) throws Exception {
    Path missing = folder.resolve("missing.json");
    IOException problem = assertThrows(IOException.class, () -> start(new KeySource.File(missing)));
    assertTrue(String.valueOf(problem.getMessage()).startsWith("relay.token.jwks.file: cannot use '" + missing),
        problem.getMessage());
    Path empty = Files.writeString(folder.resolve("empty.json"), "{\"keys\":[]}");
    assertThrows(IOException.class, () -> start(new KeySource.File(empty)));
    assertThrows(IOException.class, () -> start(new KeySource.File(folder)));
    start(new KeySource.File(Files.writeString(folder.resolve("keys.json"), TestIssuer.jwks(first))));
  }

  @Test
  void a_rotation_of_keys_shows_in_the_verdicts() throws Exception {
    TokenConfig config = config(url("/keys"), Duration.ofMinutes(5));
    JwtCheck check = new JwtCheck(config, start(config), clock);
    String claims = "{\"iss\":\"i\",\"aud\":\"a\",\"sub\":\"s\",\"tenant\":\"%s\",\"exp\":1900000000}"
        .formatted("0".repeat(32));
    assertInstanceOf(TokenVerdict.Accepted.class, check.check(first.token(claims)));
    document = TestIssuer.jwks(second);
    nowMs.addAndGet(Jwks.UNKNOWN_PAUSE_MS);
    String fresh = second.token(claims);
    assertInstanceOf(TokenVerdict.Refused.class, check.check(fresh));
    eventually(() -> check.check(fresh) instanceof TokenVerdict.Accepted);
    assertInstanceOf(TokenVerdict.Refused.class, check.check(first.token(claims)));
  }

  private void answer(HttpServerRequest request) {
    requests.incrementAndGet();
    switch (String.valueOf(request.path())) {
      case "/keys" -> request.response().setStatusCode(status).end(document);
      case "/moved" -> request.response().setStatusCode(302).putHeader("location", "/keys").end(document);
      case "/endless" -> {
        request.response().setChunked(true);
        endless(request);
      }
      default -> request.response().setStatusCode(404).end();
    }
  }

  private static void endless(HttpServerRequest request) {
    request.response().write(" ".repeat(64 * 1_024)).onSuccess(_ -> endless(request));
  }

  private KeySource url(String path) {
    return new KeySource.Url(URI.create("http://127.0.0.1:" + server.actualPort() + path));
  }

  private static TokenConfig config(KeySource keys, Duration refresh) {
    return new TokenConfig("i", "a", keys, Duration.ZERO, refresh, Duration.ofHours(1));
  }

  private Jwks start(KeySource keys) throws Exception {
    return start(config(keys, Duration.ofMinutes(5)));
  }

  private Jwks start(TokenConfig config) throws Exception {
    try {
      return Jwks.start(vertx, config, clock).toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }

  /// Whatever was asked of it before has started when this returns.
  private static void flush(Jwks jwks) throws Exception {
    jwks.idle().await(20, TimeUnit.SECONDS);
  }

  private static void eventually(BooleanSupplier fact) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MS);
    while (!fact.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "did not become true in " + DEADLINE_MS + " ms");
      LockSupport.parkNanos(1_000_000);
    }
  }
}
