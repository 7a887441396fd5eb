// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.certificate;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A certificate authority of one machine: what it signs holds for this machine's names and for nothing else.
record Authority(PrivateKey key, X509Certificate certificate) {
  static final Duration VALID = Duration.ofDays(3650);
  // Browsers refuse server certificates that hold for longer than 398 days.
  static final Duration SERVER_VALID = Duration.ofDays(397);
  // Machines whose clock is a little behind ours must not find a certificate of the future.
  private static final Duration BACKDATED = Duration.ofHours(1);
  private static final X500Principal NAME = new X500Principal("CN=e2relay development authority of this machine");
  private static final SecureRandom RANDOM = new SecureRandom();

  /// A private key and the certificate for it.
  record Signed(PrivateKey key, X509Certificate certificate) {
  }

  static Authority create(Instant now) throws GeneralSecurityException, IOException {
    KeyPair pair = newKeyPair();
    X509v3CertificateBuilder builder = builder(NAME, pair, NAME, now, VALID)
        .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
        .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
        .addExtension(Extension.subjectKeyIdentifier, false,
            new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
    return new Authority(pair.getPrivate(), sign(builder, pair.getPrivate()));
  }

  /// A fresh key for a server with these names, IP addresses among them.
  Signed server(List<String> names, Instant now) throws GeneralSecurityException, IOException {
    KeyPair pair = newKeyPair();
    JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
    X509v3CertificateBuilder builder = builder(certificate.getSubjectX500Principal(), pair,
        new X500Principal("CN=e2relay development server"), now, SERVER_VALID)
        .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
        .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
        .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
        .addExtension(Extension.subjectAlternativeName, false,
            new GeneralNames(names.stream().map(Authority::name).toArray(GeneralName[]::new)))
        .addExtension(Extension.authorityKeyIdentifier, false, extensions.createAuthorityKeyIdentifier(certificate))
        .addExtension(Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(pair.getPublic()));
    return new Signed(pair.getPrivate(), sign(builder, key));
  }

  /// Whether the text is an IP address; never asks a name server.
  static boolean isAddress(String name) {
    return name.indexOf(':') >= 0 || name.matches("[0-9]+(\\.[0-9]+){3}");
  }

  private static GeneralName name(String name) {
    return new GeneralName(isAddress(name) ? GeneralName.iPAddress : GeneralName.dNSName, name);
  }

  private static KeyPair newKeyPair() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
    return generator.generateKeyPair();
  }

  private static X509v3CertificateBuilder builder(X500Principal issuer, KeyPair pair, X500Principal subject,
      Instant now, Duration valid) {
    Instant from = now.minus(BACKDATED);
    return new JcaX509v3CertificateBuilder(issuer, new BigInteger(159, RANDOM).setBit(158), Date.from(from),
        Date.from(from.plus(valid)), subject, pair.getPublic());
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException("cannot sign a certificate", e);
    }
  }

  /// An IP address in the one form in which two equal ones look equal; other names as they are.
  static String normal(String name) throws IOException {
    return isAddress(name) ? InetAddress.getByName(name).getHostAddress() : name;
  }
}
