// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.issuer;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.util.Set;

/// The issuer for the page, for pages of our own origins only.
public final class IssuerHttp {
  /// `POST {"name":"alice"}` yields `{"token":"…","expires_ms":…}`.
  public static final String TOKEN_PATH = "/dev/token";
  /// `GET` yields the public key.
  public static final String KEYS_PATH = "/dev/jwks.json";
  static final int BODY_BYTES_MAX = 1_024;

  private final DevIssuer issuer;
  private final String jwks;
  private final Set<String> origins;

  /// Origins are those of our own page, like `https://localhost:8443`.
  public IssuerHttp(DevIssuer issuer, Set<String> origins) throws IOException {
    this.issuer = issuer;
    this.jwks = Files.readString(issuer.jwksFile());
    this.origins = Set.copyOf(origins);
  }

  public void answerKeys(HttpServerRequest request) {
    request.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/jwk-set+json").end(jwks);
  }

  /// Browsers always send Origin with a POST; programs on this machine send none, and could read the key anyway.
  public void answerToken(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin != null && !origins.contains(origin)) {
      refuse(request, 403, "Only pages of this service may ask for a token.");
      return;
    }
    Buffer body = Buffer.buffer();
    request.handler(part -> {
      // What comes after the bound is read and forgotten, so that the client gets to read the answer.
      if (body.length() <= BODY_BYTES_MAX) {
        body.appendBuffer(part);
      }
    });
    request.endHandler(_ -> answerBody(request, body));
  }

  private void answerBody(HttpServerRequest request, Buffer body) {
    if (body.length() > BODY_BYTES_MAX) {
      refuse(request, 413, "The body has at most %d bytes.".formatted(BODY_BYTES_MAX));
      return;
    }
    String name = name(body);
    if (!DevIssuer.isName(name)) {
      refuse(request, 400,
          "The body must be {\"name\":\"…\"} with a name of 1 to %d characters.".formatted(DevIssuer.NAME_CHARS_MAX));
      return;
    }
    try {
      DevIssuer.Token token = issuer.token(name, DevIssuer.TTL);
      request.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
          .end(new JsonObject().put("token", token.text()).put("expires_ms", token.expiresMs()).encode());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the key of the development issuer does not sign", e);
    }
  }

  /// The name in the body; empty for whatever is no such body.
  private static String name(Buffer body) {
    try {
      JsonObject json = new JsonObject(body);
      return json.size() == 1 && json.getValue("name") instanceof String name ? name : "";
    } catch (DecodeException _) {
      return "";
    }
  }

  private static void refuse(HttpServerRequest request, int status, String detail) {
    request.response().setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
        .end(new JsonObject().put("status", status).put("detail", detail).encode());
  }
}
