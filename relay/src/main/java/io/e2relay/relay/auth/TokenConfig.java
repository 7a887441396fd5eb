// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import io.e2relay.protocol.config.Settings;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;

/// Which tokens count: who issues them, for whom, and where the keys are that verify them.
public record TokenConfig(String issuer, String audience, KeySource keys, Duration leeway, Duration refresh,
    Duration stale) {
  private static final String ISSUER = "relay.token.issuer";
  private static final String AUDIENCE = "relay.token.audience";
  private static final String URL = "relay.token.jwks.url";
  private static final String FILE = "relay.token.jwks.file";
  private static final KeySource NOWHERE = new KeySource.File(Path.of(""));

  public static TokenConfig read(Settings settings) {
    return new TokenConfig(required(settings, ISSUER, "The iss that every token must carry, exactly."),
        required(settings, AUDIENCE, "The aud that every token must carry, exactly or among others."), keys(settings),
        settings.millis("relay.token.leeway.ms", 5_000, 0, 60_000,
            "How far iat and nbf may lie in the future, because clocks differ."),
        settings.millis("relay.token.jwks.refresh.ms", 300_000, 10_000, 3_600_000,
            "How often the issuer's keys are read again."),
        settings.millis("relay.token.jwks.stale.ms", 86_400_000, 60_000, 86_400_000,
            "How long the last keys are honoured while they cannot be read again."));
  }

  private static String required(Settings settings, String key, String meaning) {
    String value = settings.text(key, "", meaning);
    if (value.isEmpty()) {
      settings.mistake(key, "is missing");
    }
    return value;
  }

  private static KeySource keys(Settings settings) {
    String url = settings.text(URL, "", "Where the issuer publishes its keys; either this or the file.");
    String file = settings.text(FILE, "", "A file with the issuer's keys (JWKS); either this or the URL.");
    if (url.isEmpty() == file.isEmpty()) {
      settings.mistake(URL, "exactly one of %s and %s must be given".formatted(URL, FILE));
      return NOWHERE;
    }
    return url.isEmpty() ? file(settings, file) : url(settings, url);
  }

  private static KeySource url(Settings settings, String url) {
    try {
      URI uri = new URI(url);
      boolean web = "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
      if (web && uri.getHost() != null && uri.getUserInfo() == null && uri.getFragment() == null) {
        return new KeySource.Url(uri);
      }
    } catch (URISyntaxException _) {
      // Told below, like a URL of another kind.
    }
    settings.mistake(URL, "is not a http or https URL without user and fragment");
    return NOWHERE;
  }

  private static KeySource file(Settings settings, String file) {
    try {
      return new KeySource.File(Path.of(file));
    } catch (InvalidPathException _) {
      settings.mistake(FILE, "is not a path");
      return NOWHERE;
    }
  }
}
