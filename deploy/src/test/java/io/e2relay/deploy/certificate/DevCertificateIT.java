// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.certificate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevCertificateIT {
  private static final List<String> NAMES = List.of("localhost", "127.0.0.1", "::1");
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

  @TempDir
  Path folder;

  @Test
  void the_server_certificate_is_signed_by_the_authority_for_exactly_these_names() throws Exception {
    DevCertificate made = DevCertificate.in(folder, NAMES, NOW);
    List<X509Certificate> chain = chain(made.chain());
    X509Certificate server = chain.getFirst();
    server.verify(chain.getLast().getPublicKey());
    assertArrayEquals(chain(made.authority()).getFirst().getEncoded(), chain.getLast().getEncoded());
    List<Object> names = new ArrayList<>();
    server.getSubjectAlternativeNames().forEach(name -> names.add(name.get(1)));
    assertEquals(List.of("127.0.0.1", "0:0:0:0:0:0:0:1", "localhost"), names);
    assertEquals(List.of("1.3.6.1.5.5.7.3.1"), server.getExtendedKeyUsage());
    assertEquals(-1, server.getBasicConstraints());
    assertTrue(KeyMatch.belongs(Pem.key(Files.readString(made.key())), server.getPublicKey()));
  }

  @Test
  void it_holds_for_397_days_and_its_authority_for_ten_years() throws Exception {
    DevCertificate made = DevCertificate.in(folder, NAMES, NOW);
    assertEquals(Duration.ofDays(397), validity(chain(made.chain()).getFirst()));
    assertEquals(Duration.ofDays(3650), validity(chain(made.authority()).getFirst()));
    chain(made.chain()).getFirst().checkValidity(java.util.Date.from(NOW));
  }

  @Test
  void whoever_trusts_the_authority_trusts_the_server_and_no_other() throws Exception {
    // The JDK's own check looks at its own clock.
    Instant today = Instant.now();
    DevCertificate made = DevCertificate.in(folder, NAMES, today);
    X509TrustManager trust = trusting(chain(made.authority()).getFirst());
    X509Certificate[] chain = chain(made.chain()).toArray(X509Certificate[]::new);
    trust.checkServerTrusted(chain, "ECDHE_ECDSA");
    DevCertificate other = DevCertificate.in(folder.resolve("other"), NAMES, today);
    X509Certificate[] foreign = chain(other.chain()).toArray(X509Certificate[]::new);
    org.junit.jupiter.api.Assertions.assertThrows(java.security.cert.CertificateException.class,
        () -> trust.checkServerTrusted(foreign, "ECDHE_ECDSA"));
  }

  @Test
  void a_second_start_finds_the_same_certificate() throws Exception {
    String first = DevCertificate.in(folder, NAMES, NOW).fingerprint();
    assertEquals(first, DevCertificate.in(folder, List.of("::1", "localhost", "127.0.0.1"), NOW).fingerprint());
    assertTrue(first.matches("([0-9A-F]{2}:){31}[0-9A-F]{2}"), first);
  }

  @Test
  void it_is_renewed_30_days_before_its_end_under_the_same_authority() throws Exception {
    DevCertificate first = DevCertificate.in(folder, NAMES, NOW);
    String authority = Files.readString(first.authority());
    Instant end = chain(first.chain()).getFirst().getNotAfter().toInstant();
    assertEquals(first.fingerprint(),
        DevCertificate.in(folder, NAMES, end.minus(Duration.ofDays(30)).minusSeconds(1)).fingerprint());
    DevCertificate renewed = DevCertificate.in(folder, NAMES, end.minus(Duration.ofDays(30)));
    assertNotEquals(first.fingerprint(), renewed.fingerprint());
    assertEquals(authority, Files.readString(renewed.authority()));
  }

  @Test
  void other_names_or_a_damaged_file_make_a_new_one() throws Exception {
    DevCertificate first = DevCertificate.in(folder, NAMES, NOW);
    DevCertificate renamed = DevCertificate.in(folder, List.of("localhost", "127.0.0.2"), NOW);
    assertNotEquals(first.fingerprint(), renamed.fingerprint());
    Files.writeString(renamed.key(), "spoilt");
    DevCertificate repaired = DevCertificate.in(folder, List.of("localhost", "127.0.0.2"), NOW);
    assertNotEquals(renamed.fingerprint(), repaired.fingerprint());
    assertTrue(
        KeyMatch.belongs(Pem.key(Files.readString(repaired.key())), chain(repaired.chain()).getFirst().getPublicKey()));
  }

  @Test
  void keys_are_for_their_owner_only() throws Exception {
    DevCertificate made = DevCertificate.in(folder, NAMES, NOW);
    for (Path key : List.of(made.key(), folder.resolve("ca-key.pem"))) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
    }
  }

  private static Duration validity(X509Certificate certificate) {
    return Duration.between(certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant());
  }

  private static List<X509Certificate> chain(Path pem) throws Exception {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(pem))).stream()
        .map(X509Certificate.class::cast).toList();
  }

  private static X509TrustManager trusting(X509Certificate authority) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("authority", authority);
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }
}
