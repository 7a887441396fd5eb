// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `up` as users run it: its own process, real PostgreSQL and Redis, a data folder with a space in its name.
class UpIT {
  @TempDir
  Path scratch;

  @AfterEach
  void nothingIsLeftRunning() {
    UpProcess.await(() -> UpProcess.workingOn(data()).isEmpty());
  }

  @Test
  void it_says_where_everything_is_and_sigterm_stops_everything_with_exit_0() throws Exception {
    int port = UpProcess.freePort();
    try (UpProcess up = start(port).awaitUp()) {
      assertEquals("wss://localhost:" + port + "/v1/connect", up.line("WSS"));
      assertEquals(data().toRealPath().toString(), up.line("data"));
      assertTrue(up.line("page").startsWith("https://localhost:" + port + "/"));
      assertTrue(up.line("token").contains("token --name alice --data '" + data().toRealPath() + "'"));
      assertTrue(up.line("certificate").matches("SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}"));
      assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(data())));
      Path pepper = data().resolve("pepper").resolve("pepper");
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(pepper)));
      assertTrue(Files.readString(pepper).matches("1:[0-9a-f]{64}\n"));
      // 127.0.0.1, also as IPv4 in IPv6.
      Set<String> loopback = Set.of("0100007F", "0000000000000000FFFF00000100007F");
      assertTrue(loopback.containsAll(up.listening()) && !up.listening().isEmpty(), up.listening().toString());
      HttpClient browser = trusting(Path.of(up.line("authority")));
      assertEquals(200, get(browser, "https://localhost:" + port + "/").statusCode());
      assertEquals(200, get(browser, up.line("health")).statusCode());
      JsonObject ready = new JsonObject(get(browser, up.line("health")).body());
      assertTrue(ready.getBoolean("durable"), ready.encode());
      assertTrue(get(browser, up.line("metrics")).body().contains("e2relay_node_ready 1.0"));
      assertFalse(UpProcess.workingOn(data()).isEmpty());
      assertEquals(0, up.terminate(), up.err());
    }
    assertEquals(List.of(), UpProcess.workingOn(data()));
  }

  @Test
  void a_second_up_goes_on_where_the_first_stopped_even_when_that_was_killed() throws Exception {
    String authority;
    String tenant;
    try (UpProcess first = start(UpProcess.freePort()).awaitUp()) {
      authority = Files.readString(Path.of(first.line("authority")));
      tenant = tenant();
      first.kill();
    }
    assertFalse(UpProcess.workingOn(data()).isEmpty(), "the kill left no orphan to be found");
    try (UpProcess second = start(UpProcess.freePort()).awaitUp()) {
      assertEquals(authority, Files.readString(Path.of(second.line("authority"))));
      assertEquals(tenant, tenant());
      assertEquals(200, get(trusting(Path.of(second.line("authority"))), second.line("health")).statusCode());
      assertEquals(0, second.terminate(), second.err());
    }
  }

  @Test
  void a_second_up_beside_the_first_is_told_so_and_the_first_goes_on() throws Exception {
    try (UpProcess first = start(UpProcess.freePort()).awaitUp(); UpProcess second = start(UpProcess.freePort())) {
      assertEquals(1, second.awaitExit());
      assertTrue(second.err().contains("Another `up` (process "), second.err());
      assertEquals(200, get(HttpClient.newHttpClient(), first.line("health")).statusCode());
    }
  }

  @Test
  void a_port_in_use_is_told_and_nothing_is_started() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        UpProcess up = start(other.getLocalPort())) {
      assertEquals(1, up.awaitExit());
      assertTrue(up.err().contains("e2relay: Port " + other.getLocalPort() + " of 127.0.0.1 is in use"), up.err());
      assertTrue(up.err().contains("--port"), up.err());
    }
    assertFalse(Files.exists(data().resolve("postgres")));
  }

  @Test
  void with_its_issuer_it_binds_to_loopback_only() throws Exception {
    try (UpProcess up = UpProcess.start(scratch, "up", "--data", data().toString(), "--bind", "0.0.0.0")) {
      assertEquals(2, up.awaitExit());
      assertTrue(up.err().contains("--bind: is 0.0.0.0, allowed are loopback addresses"), up.err());
    }
    try (UpProcess up = UpProcess.start(scratch, "up", "--data", data().toString(), "--set", "relay.host=0.0.0.0")) {
      assertEquals(2, up.awaitExit());
    }
    assertFalse(Files.exists(data()));
  }

  @Test
  void sigterm_in_the_middle_of_the_start_leaves_nothing_behind() throws Exception {
    try (UpProcess up = start(UpProcess.freePort()).awaitFile(data().resolve("postgres"))) {
      assertEquals(0, up.terminate(), up.err());
      assertFalse(up.out().contains("e2relay is up."));
    }
  }

  @Test
  void data_of_another_major_version_of_postgresql_is_told_and_left_alone() throws Exception {
    try (UpProcess up = start(UpProcess.freePort()).awaitUp()) {
      assertEquals(0, up.terminate(), up.err());
    }
    Path version;
    try (var files = Files.walk(data().resolve("postgres"), 3)) {
      version = files.filter(file -> file.endsWith("PG_VERSION")).findFirst().orElseThrow();
    }
    String real = Files.readString(version);
    Files.writeString(version, "15\n");
    try (UpProcess up = start(UpProcess.freePort())) {
      assertEquals(1, up.awaitExit());
      assertTrue(up.err().contains("15"), up.err());
    }
    Files.writeString(version, real);
    try (UpProcess up = start(UpProcess.freePort()).awaitUp()) {
      assertEquals(0, up.terminate(), up.err());
    }
  }

  @Test
  void a_token_comes_only_from_a_folder_that_up_has_used() throws Exception {
    try (UpProcess token = UpProcess.start(scratch, "token", "--name", "alice", "--data", data().toString())) {
      assertEquals(1, token.awaitExit());
      assertTrue(token.err().contains("start `up` with it once"), token.err());
    }
    try (UpProcess up = start(UpProcess.freePort()).awaitUp()) {
      assertEquals(tenant(), tenant());
      assertEquals(0, up.terminate(), up.err());
    }
  }

  private UpProcess start(int port) throws Exception {
    return UpProcess.start(scratch, "up", "--data", data().toString(), "--port", String.valueOf(port));
  }

  private Path data() {
    return scratch.resolve("my data");
  }

  private String tenant() throws Exception {
    try (UpProcess token = UpProcess.start(scratch, "token", "--name", "alice", "--data", data().toString())) {
      assertEquals(0, token.awaitExit(), token.err());
      assertEquals("", token.err());
      // Nothing but the token, so that a shell can take it.
      assertTrue(token.out().matches("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+){2}\\R"), token.out());
      String claims = token.out().strip().split("\\.")[1];
      String tenant = new JsonObject(new String(Base64.getUrlDecoder().decode(claims), StandardCharsets.UTF_8))
          .getString("tenant");
      assertNotEquals("", tenant);
      return tenant;
    }
  }

  private static HttpResponse<String> get(HttpClient client, String uri) throws Exception {
    return client.send(HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpClient trusting(Path authority) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream pem = Files.newInputStream(authority)) {
      store.setCertificateEntry("authority", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return HttpClient.newBuilder().sslContext(context).build();
  }
}
