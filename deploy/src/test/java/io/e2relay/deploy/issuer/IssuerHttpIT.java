// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.issuer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IssuerHttpIT {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
  private static final String OURS = "https://localhost:8443";

  @TempDir
  Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer server;

  @BeforeEach
  void listen() throws Exception {
    IssuerHttp http = new IssuerHttp(DevIssuer.in(folder, InstantSource.fixed(NOW)), Set.of(OURS));
    server = vertx.createHttpServer().requestHandler(request -> {
      if (IssuerHttp.TOKEN_PATH.equals(request.path())) {
        http.answerToken(request);
      } else {
        http.answerKeys(request);
      }
    }).listen(0, "127.0.0.1").await(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void a_name_gets_a_token_of_15_minutes() throws Exception {
    HttpResponse<String> answer = post("{\"name\":\"alice\"}", OURS);
    assertEquals(200, answer.statusCode());
    JsonObject body = new JsonObject(answer.body());
    assertEquals(3, body.getString("token").split("\\.").length);
    assertEquals(NOW.plusSeconds(900).toEpochMilli(), body.getLong("expires_ms"));
  }

  @Test
  void a_page_of_another_origin_gets_none() throws Exception {
    for (String origin : List.of("https://evil.example", "https://localhost:8444", "http://localhost:8443", "null")) {
      assertEquals(403, post("{\"name\":\"alice\"}", origin).statusCode(), origin);
    }
    assertEquals(200, post("{\"name\":\"alice\"}", OURS).statusCode());
    assertEquals(200, post("{\"name\":\"alice\"}", "").statusCode());
  }

  @Test
  void whatever_is_no_name_is_refused() throws Exception {
    for (String body : List.of("", "{}", "[]", "null", "{\"name\":1}", "{\"name\":\"\"}", "{\"name\":null}",
        "{\"name\":\"a\",\"ttl\":1}", "{\"name\":\"" + "x".repeat(65) + "\"}", "{\"name\":", "\"alice\"")) {
      assertEquals(400, post(body, OURS).statusCode(), body);
    }
    assertEquals(200, post("{\"name\":\"" + "x".repeat(64) + "\"}", OURS).statusCode());
  }

  @Test
  void a_body_has_at_most_1024_bytes() throws Exception {
    assertEquals(200, post(padded(1_024), OURS).statusCode());
    assertEquals(413, post(padded(1_025), OURS).statusCode());
    assertEquals(413, post(padded(1_000_000), OURS).statusCode());
  }

  @Test
  void the_public_key_is_published() throws Exception {
    HttpResponse<String> answer = client.send(HttpRequest.newBuilder(uri(IssuerHttp.KEYS_PATH)).build(),
        HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode());
    assertTrue(answer.body().contains("\"crv\":\"P-256\""), answer.body());
  }

  private static String padded(int bytes) {
    String body = "{\"name\":\"alice\"}";
    return body + " ".repeat(bytes - body.length());
  }

  private HttpResponse<String> post(String body, String origin) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(IssuerHttp.TOKEN_PATH))
        .POST(HttpRequest.BodyPublishers.ofString(body));
    if (!origin.isEmpty()) {
      request.header("Origin", origin);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.actualPort() + path);
  }
}
