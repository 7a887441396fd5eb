// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Over a real HTTP server on this machine.
final class PublicHttpTest {
  private static final String PAGE = "<!doctype html><title>page</title>";
  private static final String SCRIPT = "globalThis.loaded = true;";
  private static final Map<String, String> STRICT = Map.of("content-security-policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
          + "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
          + "require-trusted-types-for 'script'; trusted-types 'none'",
      "permissions-policy",
      "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
          + "magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
      "x-content-type-options", "nosniff", "x-frame-options", "DENY", "referrer-policy", "no-referrer",
      "cross-origin-opener-policy", "same-origin", "cross-origin-resource-policy", "same-origin",
      "cross-origin-embedder-policy", "require-corp", "strict-transport-security", "max-age=31536000");

  private record Answer(int status, Map<String, String> headers, String body) {
  }

  private final Vertx vertx = Vertx.vertx();
  // On any other event loop than its connection's, a client of this version may lose the end of a response.
  private final Context context = vertx.getOrCreateContext();
  private HttpClient client;
  private int port;

  @BeforeEach
  void serve(@TempDir Path folder) throws Exception {
    Path web = Files.createDirectories(folder.resolve("with space/web/fonts"));
    Files.writeString(web.resolveSibling("index.html"), PAGE);
    Files.writeString(web.resolveSibling("app-ABCD2345.js"), SCRIPT);
    Files.writeString(web.resolveSibling("service-worker.js"), SCRIPT);
    Files.writeString(web.resolve("text-0A1B2C3D.woff2"), "font");
    Files.writeString(folder.resolve("with space/secret.txt"), "secret");
    client = vertx.createHttpClient(new HttpClientOptions());
    serveFrom(folder.resolve("with space"));
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void the_page_comes_with_exactly_these_headers() throws Exception {
    Answer answer = get("/");
    assertEquals(200, answer.status());
    assertEquals(PAGE, answer.body());
    Map<String, String> headers = new TreeMap<>(STRICT);
    headers.put("content-type", "text/html; charset=utf-8");
    headers.put("content-length", Integer.toString(PAGE.length()));
    headers.put("cache-control", "no-cache");
    headers.put("etag", answer.headers().get("etag"));
    assertEquals(headers, answer.headers());
    assertTrue(String.valueOf(answer.headers().get("etag")).matches("\"[A-Za-z0-9_-]{22}\""));
    assertEquals(answer, get("/index.html"));
    assertEquals(answer, get("/?query"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/app-ABCD2345.js", "/missing", "/v1/connect", "/extra"})
  void every_answer_has_the_strict_headers(String path) throws Exception {
    for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST, HttpMethod.OPTIONS)) {
      Map<String, String> headers = ask(method, path, Map.of()).headers();
      STRICT.forEach((name, value) -> assertEquals(value, headers.get(name), name));
    }
  }

  @Test
  void files_with_a_hash_in_their_name_are_kept_for_ever_and_no_others() throws Exception {
    assertEquals("public, max-age=31536000, immutable", get("/app-ABCD2345.js").headers().get("cache-control"));
    assertEquals("public, max-age=31536000, immutable",
        get("/fonts/text-0A1B2C3D.woff2").headers().get("cache-control"));
    assertEquals("no-cache", get("/service-worker.js").headers().get("cache-control"));
    assertEquals("text/javascript; charset=utf-8", get("/service-worker.js").headers().get("content-type"));
    assertEquals("font/woff2", get("/fonts/text-0A1B2C3D.woff2").headers().get("content-type"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/..\\secret.txt",
      "/fonts/../../secret.txt", "/fonts/..;/../secret.txt", "//secret.txt", "/./index.html", "/web/index.html",
      "/index.html/", "/index.html%00", "/INDEX.HTML", "/fonts", "/fonts/", "/%69ndex.html"})
  void a_path_that_is_no_file_of_the_page_is_not_found(String path) throws Exception {
    Answer answer = get(path);
    assertEquals(404, answer.status());
    assertEquals("Not found.\n", answer.body());
    assertEquals("text/plain; charset=utf-8", answer.headers().get("content-type"));
    assertEquals(200, get("/index.html").status());
  }

  @Test
  void a_known_copy_is_not_sent_again() throws Exception {
    String etag = get("/").headers().get("etag");
    for (String known : List.of(etag, "W/" + etag, "\"other\", " + etag, "*")) {
      Answer answer = ask(HttpMethod.GET, "/", Map.of("if-none-match", known));
      assertEquals(304, answer.status());
      assertEquals("", answer.body());
      assertEquals(etag, answer.headers().get("etag"));
      assertEquals("no-cache", answer.headers().get("cache-control"));
    }
    assertEquals(200, ask(HttpMethod.GET, "/", Map.of("if-none-match", "\"other\"")).status());
    assertNotEquals(etag, get("/service-worker.js").headers().get("etag"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/missing", "/v1/connect"})
  void head_is_get_without_the_body(String path) throws Exception {
    Answer get = get(path);
    Answer head = ask(HttpMethod.HEAD, path, Map.of());
    assertEquals(new Answer(get.status(), get.headers(), ""), head);
  }

  @Test
  void other_methods_are_refused() throws Exception {
    for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "BREW")) {
      Answer answer = ask(HttpMethod.valueOf(method), "/", Map.of());
      assertEquals(405, answer.status());
      assertEquals("GET, HEAD", answer.headers().get("allow"));
    }
    assertEquals(200, get("/").status());
  }

  @Test
  void a_route_is_asked_by_its_method_and_path() throws Exception {
    Answer answer = ask(HttpMethod.POST, "/extra", Map.of());
    assertEquals(new Answer(200, answer.headers(), "extra"), answer);
    assertEquals("no-store", answer.headers().get("cache-control"));
    assertEquals(404, get("/extra").status());
    assertEquals("GET, HEAD, POST", ask(HttpMethod.PUT, "/extra", Map.of()).headers().get("allow"));
    assertEquals(405, ask(HttpMethod.POST, "/extra/", Map.of()).status());
  }

  @Test
  void the_connect_path_wants_a_web_socket() throws Exception {
    Answer answer = get("/v1/connect");
    assertEquals(426, answer.status());
    assertEquals("websocket", answer.headers().get("upgrade"));
    assertEquals("upgrade", answer.headers().get("connection"));
  }

  @Test
  void http2_gets_the_same_without_the_upgrade() throws Exception {
    client = vertx.createHttpClient(
        new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
    assertEquals(PAGE, get("/").body());
    Answer answer = get("/v1/connect");
    assertEquals(426, answer.status());
    assertEquals(false, answer.headers().containsKey("upgrade"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "LOCALHOST:8443", "relay.localhost"})
  void localhost_is_not_bound_to_https(String host) throws Exception {
    Answer answer = ask(HttpMethod.GET, "/", Map.of("host", host));
    assertEquals(false, answer.headers().containsKey("strict-transport-security"));
    assertEquals("max-age=31536000", get("/").headers().get("strict-transport-security"));
  }

  @Test
  void a_page_in_a_jar_is_the_same_page(@TempDir Path folder) throws Exception {
    Answer fromFolder = get("/");
    Path jar = folder.resolve("web app.jar");
    try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file)) {
      for (Map.Entry<String, String> entry : Map.of("web/index.html", PAGE, "secret.txt", "secret").entrySet()) {
        out.putNextEntry(new JarEntry(entry.getKey()));
        out.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    serveFrom(jar);
    assertEquals(fromFolder, get("/"));
    assertEquals(404, get("/secret.txt").status());
    assertEquals(404, get("/app-ABCD2345.js").status());
  }

  @Test
  void without_a_built_page_one_says_why_and_what_to_do(@TempDir Path folder) throws Exception {
    serveFrom(folder);
    Answer answer = get("/");
    assertEquals(200, answer.status());
    assertTrue(answer.body().contains("was not built, because Node.js 20 or newer was missing"), answer.body());
    assertTrue(answer.body().contains("https://nodejs.org/en/download"));
    STRICT.forEach((name, value) -> assertEquals(value, answer.headers().get(name), name));
    assertEquals(404, get("/app-ABCD2345.js").status());
  }

  private void serveFrom(Path classPath) throws Exception {
    try (URLClassLoader loader = new URLClassLoader(new URL[]{classPath.toUri().toURL()}, null)) {
      PublicHttp http = new PublicHttp(List.of(new Route("POST", "/extra", request -> request.response().end("extra"))),
          loader);
      port = vertx.createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(true)).requestHandler(http::handle)
          .listen(0, "127.0.0.1").await(10, TimeUnit.SECONDS).actualPort();
    }
  }

  private Answer get(String path) throws Exception {
    return ask(HttpMethod.GET, path, Map.of());
  }

  private Answer ask(HttpMethod method, String path, Map<String, String> headers) throws Exception {
    RequestOptions options = new RequestOptions().setHost("127.0.0.1").setPort(port).setMethod(method).setURI(path);
    headers.forEach(options::putHeader);
    return Future.<Answer>future(promise -> context.runOnContext(_ -> exchange(options).onComplete(promise))).await(10,
        TimeUnit.SECONDS);
  }

  private Future<Answer> exchange(RequestOptions options) {
    return client.request(options).compose(HttpClientRequest::send).compose(response -> response.body()
        .map(body -> new Answer(response.statusCode(), sorted(response.headers()), body.toString())));
  }

  private static Map<String, String> sorted(MultiMap headers) {
    Map<String, String> sorted = new TreeMap<>();
    headers.forEach((name, value) -> sorted.merge(name.toLowerCase(Locale.ROOT), value, (a, b) -> a + " AND " + b));
    return sorted;
  }
}
