// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.protocol.config.Settings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RelayConfigTest {
  @Test
  void names_and_defaults_are_pinned() {
    Settings settings = new Settings(Map.of());
    RelayConfig.read(settings);
    assertEquals(
        List.of("relay.ping.ms=25000", "relay.lagging.ms=60000", "relay.drain.spread.ms=5000", "relay.sweep.ms=30000",
            "relay.sweep.soon.ms=1000", "relay.tick.ms=500", "relay.tls.cert.file=", "relay.tls.key.file=",
            "relay.host=127.0.0.1", "relay.origins=", "relay.port=8443", "relay.hello.bytes=16384",
            "relay.frame.bytes=524288", "relay.body.bytes=67584", "relay.requests.per.second=100",
            "relay.requests.burst=200", "relay.requests.in.flight=64", "relay.subscriptions=1000", "relay.members=1000",
            "relay.page.entries=100", "relay.list.entries=100", "relay.hello.ms=5000", "relay.connections=20000",
            "relay.outbound.bytes=262144", "relay.sends.pending=32", "relay.reads.at.once=64",
            "relay.roster.uids=1000000", "relay.epochs=100000", "relay.signatures=off"),
        settings.rows().stream().map(row -> row.key() + "=" + row.fallback()).toList());
    assertEquals(List.of(), settings.mistakes());
  }

  @Test
  void a_certificate_without_its_key_is_a_mistake() {
    Settings settings = new Settings(Map.of("relay.tls.cert.file", "cert.pem"));
    RelayConfig.read(settings);
    assertEquals(1, settings.mistakes().size());
    assertTrue(settings.mistakes().getFirst().startsWith("relay.tls.key.file"));
  }

  @Test
  void without_a_certificate_it_listens_on_loopback_only() {
    Settings open = new Settings(Map.of("relay.host", "0.0.0.0"));
    RelayConfig.read(open);
    assertEquals(
        List.of(
            "relay.tls.cert.file: is missing: without it relay.host may only be one of 127.0.0.1, ::1, " + "localhost"),
        open.mistakes());
    Settings control = new Settings(
        Map.of("relay.host", "0.0.0.0", "relay.tls.cert.file", "cert.pem", "relay.tls.key.file", "key.pem"));
    RelayConfig.read(control);
    assertEquals(List.of(), control.mistakes());
  }

  @Test
  void tls_is_on_with_a_certificate_and_origins_are_a_list() {
    RelayConfig config = RelayConfig.read(new Settings(Map.of("relay.tls.cert.file", "cert.pem", "relay.tls.key.file",
        "key.pem", "relay.origins", "https://a.example, https://b.example")));
    assertTrue(config.listen().tls());
    assertEquals(List.of("https://a.example", "https://b.example"), config.listen().origins());
    assertFalse(RelayConfig.read(new Settings(Map.of())).listen().tls());
  }
}
