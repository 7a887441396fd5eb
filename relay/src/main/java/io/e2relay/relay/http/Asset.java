// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.http;

import io.vertx.core.buffer.Buffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;

/// One file of the page with everything that is said about it.
record Asset(Buffer body, String contentType, String etag, String cacheControl) {
  private static final int ETAG_CHARS = 22;
  // What the build of the page appends: eight capitals and digits that are a hash of the content.
  private static final Pattern HASHED = Pattern.compile(".*-[A-Z0-9]{8}\\.[a-z0-9]+(\\.map)?");

  static Asset of(String name, byte[] bytes) {
    String cacheControl = HASHED.matcher(name).matches() ? "public, max-age=31536000, immutable" : "no-cache";
    return new Asset(Buffer.buffer(bytes), contentType(name), etag(bytes), cacheControl);
  }

  /// Whether the client's copy, of which it sent this If-None-Match, is this one (RFC 9110 §13.1.2: weak comparison).
  boolean isKnownAs(String ifNoneMatch) {
    for (String candidate : ifNoneMatch.split(",", -1)) {
      String tag = candidate.strip();
      if (tag.equals("*") || tag.equals(etag) || tag.equals("W/" + etag)) {
        return true;
      }
    }
    return false;
  }

  private static String etag(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return '"' + Base64.getUrlEncoder().withoutPadding().encodeToString(hash).substring(0, ETAG_CHARS) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static String contentType(String name) {
    return switch (name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT)) {
      case "html" -> "text/html; charset=utf-8";
      case "js", "mjs" -> "text/javascript; charset=utf-8";
      case "css" -> "text/css; charset=utf-8";
      case "json", "map" -> "application/json";
      case "webmanifest" -> "application/manifest+json";
      case "txt" -> "text/plain; charset=utf-8";
      case "svg" -> "image/svg+xml";
      case "png" -> "image/png";
      case "jpg", "jpeg" -> "image/jpeg";
      case "webp" -> "image/webp";
      case "ico" -> "image/vnd.microsoft.icon";
      case "woff2" -> "font/woff2";
      case "wasm" -> "application/wasm";
      default -> "application/octet-stream";
    };
  }
}
