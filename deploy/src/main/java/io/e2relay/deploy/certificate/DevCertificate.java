// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.certificate;

import io.e2relay.deploy.folder.OwnFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The certificate of a development server in PEM files, signed by an authority that is kept beside it.
///
/// The authority stays the same, so whoever trusts it once need not do so again when the server's is renewed.
public record DevCertificate(Path authority, Path chain, Path key, String fingerprint) {
  public static final String CHAIN = "server.pem";
  public static final String KEY = "server-key.pem";
  static final Duration RENEW_BEFORE = Duration.ofDays(30);

  /// Reads what is in the folder, and makes or renews what is missing, nearly over, or for other names.
  public static DevCertificate in(Path folder, Collection<String> names, Instant now)
      throws IOException, GeneralSecurityException {
    Files.createDirectories(folder);
    Path caFile = folder.resolve("ca.pem");
    Path chainFile = folder.resolve(CHAIN);
    Path keyFile = folder.resolve(KEY);
    Authority authority = authority(caFile, folder.resolve("ca-key.pem"), now);
    if (!usable(chainFile, keyFile, authority, names, now)) {
      Authority.Signed server = authority.server(List.copyOf(new TreeSet<>(names)), now);
      // The key first: a chain without its key would look usable.
      OwnFile.writeSecret(keyFile, Pem.of(server.key()));
      OwnFile.writePublic(chainFile, Pem.of(server.certificate()) + Pem.of(authority.certificate()));
    }
    return new DevCertificate(caFile, chainFile, keyFile, fingerprint(Pem.certificate(Files.readString(chainFile))));
  }

  private static Authority authority(Path caFile, Path keyFile, Instant now)
      throws IOException, GeneralSecurityException {
    if (Files.exists(caFile) && Files.exists(keyFile)) {
      X509Certificate certificate = Pem.certificate(Files.readString(caFile));
      if (holds(certificate, now)) {
        return new Authority(Pem.key(Files.readString(keyFile)), certificate);
      }
    }
    Authority authority = Authority.create(now);
    OwnFile.writeSecret(keyFile, Pem.of(authority.key()));
    OwnFile.writePublic(caFile, Pem.of(authority.certificate()));
    return authority;
  }

  private static boolean usable(Path chainFile, Path keyFile, Authority authority, Collection<String> names,
      Instant now) throws IOException {
    if (!Files.exists(chainFile) || !Files.exists(keyFile)) {
      return false;
    }
    try {
      X509Certificate server = Pem.certificate(Files.readString(chainFile));
      PrivateKey key = Pem.key(Files.readString(keyFile));
      server.verify(authority.certificate().getPublicKey());
      return holds(server, now) && names(server).equals(normal(names)) && KeyMatch.belongs(key, server.getPublicKey());
    } catch (GeneralSecurityException _) {
      // Damaged, or of another authority: as good as missing, because a new one costs nothing.
      return false;
    }
  }

  private static boolean holds(X509Certificate certificate, Instant now) {
    return now.isBefore(certificate.getNotAfter().toInstant().minus(RENEW_BEFORE))
        && !now.isBefore(certificate.getNotBefore().toInstant());
  }

  private static Set<String> names(X509Certificate certificate) throws CertificateParsingException, IOException {
    Set<String> names = new TreeSet<>();
    Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
    if (alternatives != null) {
      for (List<?> alternative : alternatives) {
        names.add(Authority.normal(String.valueOf(alternative.get(1))));
      }
    }
    return names;
  }

  private static Set<String> normal(Collection<String> names) throws IOException {
    Set<String> normal = new TreeSet<>();
    for (String name : names) {
      normal.add(Authority.normal(name));
    }
    return normal;
  }

  /// As browsers show it.
  private static String fingerprint(X509Certificate certificate) throws GeneralSecurityException {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
    return HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest);
  }
}
