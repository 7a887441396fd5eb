// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/// A certificate for localhost, made by the JDK's own tool.
record TestCertificate(Path certFile, Path keyFile) {
  private static final char[] PASSWORD = "only-in-this-folder".toCharArray();

  static TestCertificate make(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
    Path store = folder.resolve("keys.p12");
    Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-genkeypair", "-alias", "relay", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=localhost", "-ext",
        "san=dns:localhost,ip:127.0.0.1", "-storetype", "PKCS12", "-storepass", new String(PASSWORD), "-keystore",
        store.toString()).redirectErrorStream(true).redirectOutput(folder.resolve("keytool.log").toFile()).start();
    if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
      throw new IOException("keytool: " + Files.readString(folder.resolve("keytool.log")));
    }
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    return new TestCertificate(
        pem(folder.resolve("cert.pem"), "CERTIFICATE", keys.getCertificate("relay").getEncoded()),
        pem(folder.resolve("key.pem"), "PRIVATE KEY", keys.getKey("relay", PASSWORD).getEncoded()));
  }

  private static Path pem(Path file, String kind, byte[] der) throws IOException {
    return Files.writeString(file, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind,
        Base64.getMimeEncoder().encodeToString(der), kind));
  }
}
