// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

/// The signatures that count. HMAC and "none" are no cases of this enum, so nothing can select them.
enum Algorithm {
  RS256("SHA256withRSA"),
  // r and s side by side, as RFC 7518 wants them, instead of the JDK's usual DER.
  ES256("SHA256withECDSAinP1363Format"), ED25519("Ed25519");

  private final String jdk;

  Algorithm(String jdk) {
    this.jdk = jdk;
  }

  String jdk() {
    return jdk;
  }

  boolean isCalled(String name) {
    return switch (this) {
      case RS256 -> name.equals("RS256");
      case ES256 -> name.equals("ES256");
      // RFC 8037 and RFC 9864 name the same signature.
      case ED25519 -> name.equals("EdDSA") || name.equals("Ed25519");
    };
  }
}
