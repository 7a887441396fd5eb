// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Answers whatever on the public port is not a WebSocket. Immutable, so all event loops share one.
public final class PublicHttp {
  /// Where clients open their WebSocket.
  public static final String CONNECT_PATH = "/v1/connect";

  private final Map<String, Asset> assets;
  private final Map<String, Map<String, Route>> routes;

  /// Reads the page from the class path into memory; two routes of the same method and path are a bug.
  public PublicHttp(List<Route> routes) {
    this(routes, PublicHttp.class.getClassLoader());
  }

  PublicHttp(List<Route> routes, ClassLoader loader) {
    this.assets = Assets.load(loader).byPath();
    this.routes = routes.stream()
        .collect(Collectors.groupingBy(Route::path, Collectors.toUnmodifiableMap(Route::method, route -> route)));
  }

  public void handle(HttpServerRequest request) {
    StrictHeaders.put(request);
    String path = request.path();
    Route route = path == null ? null : route(path, request.method());
    if (route != null) {
      request.response().putHeader("cache-control", "no-store");
      route.handler().handle(request);
    } else if (!isRead(request.method())) {
      refuseMethod(request, path);
    } else if (CONNECT_PATH.equals(path)) {
      askForUpgrade(request);
    } else {
      Asset asset = path == null ? null : assets.get(path);
      if (asset == null) {
        text(request, 404, "Not found.\n");
      } else {
        serve(request, asset);
      }
    }
  }

  private @Nullable Route route(String path, HttpMethod method) {
    return routes.getOrDefault(path, Map.of()).get(method.name());
  }

  private static boolean isRead(HttpMethod method) {
    return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
  }

  private static void serve(HttpServerRequest request, Asset asset) {
    HttpServerResponse response = request.response().putHeader("etag", asset.etag()).putHeader("cache-control",
        asset.cacheControl());
    String known = request.getHeader("if-none-match");
    if (known != null && asset.isKnownAs(known)) {
      response.setStatusCode(304).end();
      return;
    }
    response.putHeader("content-type", asset.contentType());
    send(request, asset.body().length(), () -> response.end(asset.body()));
  }

  private static void askForUpgrade(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_1_1) {
      // HTTP/2 knows no Upgrade and forbids the header.
      request.response().putHeader("upgrade", "websocket").putHeader("connection", "upgrade");
    }
    text(request, 426, "Connect here with a WebSocket client.\n");
  }

  private void refuseMethod(HttpServerRequest request, @Nullable String path) {
    TreeSet<String> allowed = new TreeSet<>(List.of("GET", "HEAD"));
    if (path != null) {
      allowed.addAll(routes.getOrDefault(path, Map.of()).keySet());
    }
    request.response().putHeader("allow", String.join(", ", allowed));
    text(request, 405, "Method not allowed.\n");
  }

  private static void text(HttpServerRequest request, int status, String body) {
    HttpServerResponse response = request.response().setStatusCode(status)
        .putHeader("content-type", "text/plain; charset=utf-8").putHeader("cache-control", "no-store");
    send(request, body.length(), () -> response.end(body));
  }

  /// HEAD gets the headers of GET, the length included, and no body.
  private static void send(HttpServerRequest request, int length, Runnable body) {
    if (request.method().equals(HttpMethod.HEAD)) {
      request.response().putHeader("content-length", Integer.toString(length)).end();
    } else {
      body.run();
    }
  }
}
