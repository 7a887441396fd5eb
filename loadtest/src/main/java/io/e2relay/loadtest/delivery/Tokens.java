// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.net.URI;

/// Login tokens of a development issuer.
final class Tokens {
  private final HttpClientAgent issuer;

  Tokens(Generator generator, String url) {
    URI at = URI.create(url);
    this.issuer = generator.vertx().createHttpClient(new HttpClientOptions().setSsl(true).setTrustAll(true)
        .setVerifyHost(false).setDefaultHost(at.getHost()).setDefaultPort(at.getPort()));
  }

  Future<String> of(String name) {
    return issuer.request(HttpMethod.POST, "/dev/token")
        .compose(request -> request.send(Buffer.buffer("{\"name\":\"" + name + "\"}")))
        .compose(HttpClientResponse::body).map(answer -> answer.toJsonObject().getString("token"));
  }
}
