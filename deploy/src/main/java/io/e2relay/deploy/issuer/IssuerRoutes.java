// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.issuer;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.util.Set;

/// The issuer for the page: `POST /dev/token` and `GET /dev/jwks.json`, for pages of our own origins only.
public final class IssuerRoutes {
  static final int BODY_BYTES_MAX = 1_024;

  private final DevIssuer issuer;
  private final String jwks;
  private final Set<String> origins;

  /// Origins are those of our own page, like `https://localhost:8443`.
  public IssuerRoutes(DevIssuer issuer, Set<String> origins) throws IOException {
    this.issuer = issuer;
    this.jwks = Files.readString(issuer.jwksFile());
    this.origins = Set.copyOf(origins);
  }

  public void mount(Router router) {
    router.get("/dev/jwks.json").handler(this::answerKeys);
    router.post("/dev/token").handler(this::checkOrigin).handler(BodyHandler.create(false).setBodyLimit(BODY_BYTES_MAX))
        .handler(this::answerToken).failureHandler(this::answerFailure);
  }

  private void answerKeys(RoutingContext request) {
    request.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/jwk-set+json").end(jwks);
  }

  /// Browsers always send Origin with a POST; programs on this machine send none, and could read the key anyway.
  private void checkOrigin(RoutingContext request) {
    String origin = request.request().getHeader(HttpHeaders.ORIGIN);
    if (origin != null && !origins.contains(origin)) {
      refuse(request, 403, "Only pages of this service may ask for a token.");
    } else {
      request.next();
    }
  }

  private void answerToken(RoutingContext request) {
    String name = name(request);
    if (!DevIssuer.isName(name)) {
      refuse(request, 400, "The body must be {\"name\":\"…\"} with a name of 1 to %d characters."
          .formatted(DevIssuer.NAME_CHARS_MAX));
      return;
    }
    try {
      DevIssuer.Token token = issuer.token(name, DevIssuer.TTL);
      request.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
          .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
          .end(new JsonObject().put("token", token.text()).put("expires_ms", token.expiresMs()).encode());
    } catch (GeneralSecurityException e) {
      request.fail(e);
    }
  }

  /// The name in the body; empty for whatever is no such body.
  private static String name(RoutingContext request) {
    try {
      JsonObject body = request.body().asJsonObject();
      return body != null && body.size() == 1 && body.getValue("name") instanceof String name ? name : "";
    } catch (DecodeException | ClassCastException _) {
      return "";
    }
  }

  private void answerFailure(RoutingContext request) {
    if (request.statusCode() == 413) {
      refuse(request, 413, "The body has at most %d bytes.".formatted(BODY_BYTES_MAX));
    } else {
      refuse(request, 500, "No token can be made now.");
    }
  }

  private static void refuse(RoutingContext request, int status, String detail) {
    request.response().setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
        .end(new JsonObject().put("status", status).put("detail", detail).encode());
  }
}
