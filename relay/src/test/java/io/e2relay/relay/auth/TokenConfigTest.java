// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.protocol.config.Settings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenConfigTest {
  private static final Map<String, String> GOOD = Map.of("relay.token.issuer", "https://host.example",
      "relay.token.audience", "e2relay", "relay.token.jwks.url", "https://host.example/jwks");

  @Test
  void the_defaults_are_as_documented() {
    Settings settings = new Settings(GOOD);
    assertEquals(
        new TokenConfig("https://host.example", "e2relay", new KeySource.Url(URI.create("https://host.example/jwks")),
            Duration.ofSeconds(5), Duration.ofMinutes(5), Duration.ofHours(24)),
        TokenConfig.read(settings));
    assertEquals(List.of(), settings.mistakes());
  }

  @Test
  void a_file_will_do_as_well() {
    Map<String, String> values = new HashMap<>(GOOD);
    values.remove("relay.token.jwks.url");
    values.put("relay.token.jwks.file", "/run/keys.json");
    Settings settings = new Settings(values);
    assertEquals(new KeySource.File(Path.of("/run/keys.json")), TokenConfig.read(settings).keys());
    assertEquals(List.of(), settings.mistakes());
  }

  @Test
  void missing_values_are_all_named() {
    assertEquals(
        List.of("relay.token.issuer: is missing", "relay.token.audience: is missing",
            "relay.token.jwks.url: exactly one of relay.token.jwks.url and relay.token.jwks.file must be given"),
        mistakes(Map.of()));
  }

  @Test
  void both_sources_are_one_too_many() {
    Map<String, String> values = new HashMap<>(GOOD);
    values.put("relay.token.jwks.file", "/run/keys.json");
    assertEquals(
        List.of("relay.token.jwks.url: exactly one of relay.token.jwks.url and relay.token.jwks.file must be given"),
        mistakes(values));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://host.example/", "file:///etc/passwd", "host.example", "https://", "https://u:p@host/",
      "https://host/#x", "https://host/ x"})
  void a_url_of_another_kind_is_a_mistake(String url) {
    Map<String, String> values = new HashMap<>(GOOD);
    values.put("relay.token.jwks.url", url);
    assertEquals(List.of("relay.token.jwks.url: is not a http or https URL without user and fragment"),
        mistakes(values));
  }

  @Test
  void the_leeway_is_at_most_a_minute() {
    Map<String, String> values = new HashMap<>(GOOD);
    values.put("relay.token.leeway.ms", "60000");
    assertEquals(List.of(), mistakes(values));
    values.put("relay.token.leeway.ms", "60001");
    assertEquals(List.of("relay.token.leeway.ms: is '60001', allowed is 0 to 60000"), mistakes(values));
  }

  private static List<String> mistakes(Map<String, String> values) {
    Settings settings = new Settings(values);
    TokenConfig.read(settings);
    return settings.mistakes();
  }
}
