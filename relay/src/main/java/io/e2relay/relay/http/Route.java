// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;

/// One more thing that the public port answers, under exactly this method and path; the strict headers are set before.
public record Route(String method, String path, Handler<HttpServerRequest> handler) {
}
