// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import java.net.URI;
import java.nio.file.Path;

/// Where the issuer publishes its keys (a JWKS document, RFC 7517).
public sealed interface KeySource {
  /// Fetched by http or https, without following redirects.
  record Url(URI uri) implements KeySource {
  }

  /// Read from disk, again and again, so that the file can be replaced.
  record File(Path path) implements KeySource {
  }
}
