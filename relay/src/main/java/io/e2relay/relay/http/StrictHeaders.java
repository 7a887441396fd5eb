// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What every answer tells the browser not to do.
final class StrictHeaders {
  // 'self' covers wss to the same host and port (CSP level 3), so the page's socket needs no host name here.
  private static final String CONTENT_SECURITY_POLICY = String.join("; ", "default-src 'none'", "script-src 'self'",
      "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'", "manifest-src 'self'",
      "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
      "trusted-types 'none'");
  private static final String PERMISSIONS_POLICY = String.join(", ", "accelerometer=()", "browsing-topics=()",
      "camera=()", "display-capture=()", "geolocation=()", "gyroscope=()", "magnetometer=()", "microphone=()",
      "midi=()", "payment=()", "usb=()");
  private static final Map<String, String> ALWAYS = Map.of("content-security-policy", CONTENT_SECURITY_POLICY,
      "permissions-policy", PERMISSIONS_POLICY, "x-content-type-options", "nosniff", "x-frame-options", "DENY",
      "referrer-policy", "no-referrer", "cross-origin-opener-policy", "same-origin", "cross-origin-resource-policy",
      "same-origin", "cross-origin-embedder-policy", "require-corp");
  private static final String STRICT_TRANSPORT_SECURITY = "strict-transport-security";

  private StrictHeaders() {
  }

  static void put(HttpServerRequest request) {
    MultiMap headers = request.response().headers();
    ALWAYS.forEach(headers::set);
    if (!isLocal(request.authority())) {
      headers.set(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
  }

  /// On localhost the header would lock plain http out of every other server that somebody develops there.
  private static boolean isLocal(@Nullable HostAndPort authority) {
    if (authority == null) {
      return true;
    }
    String host = authority.host().toLowerCase(Locale.ROOT);
    return host.equals("localhost") || host.endsWith(".localhost");
  }
}
