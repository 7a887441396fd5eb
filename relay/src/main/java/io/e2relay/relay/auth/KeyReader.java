// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystem;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Gets the bytes of a JWKS document: bounded in size and time, from exactly the place that was configured.
sealed interface KeyReader {

  Future<byte[]> read();

  /// For log lines.
  String place();

  void close();

  static KeyReader of(Vertx vertx, KeySource source) {
    return switch (source) {
      case KeySource.File(Path path) -> new FromFile(vertx.fileSystem(), path);
      case KeySource.Url(URI uri) -> new FromWeb(vertx, uri);
    };
  }

  /// A file that may be replaced while we run.
  record FromFile(FileSystem files, Path path) implements KeyReader {
    @Override
    public Future<byte[]> read() {
      String name = path.toString();
      return files.props(name).compose(props -> {
        if (!props.isRegularFile() || props.size() > JwkSet.BYTES_MAX) {
          return Future
              .failedFuture(new IOException("not a regular file of at most %d bytes".formatted(JwkSet.BYTES_MAX)));
        }
        return files.readFile(name);
      }).map(Buffer::getBytes);
    }

    @Override
    public String place() {
      return path.toString();
    }

    @Override
    public void close() {
      // Nothing is kept open.
    }
  }

  /// An HTTP endpoint, asked without following redirects: the keys are only as good as where they come from.
  final class FromWeb implements KeyReader {
    private static final int CONNECT_MS = 3_000;
    private static final int WHOLE_MS = 10_000;

    private final HttpClient client;
    private final URI uri;

    FromWeb(Vertx vertx, URI uri) {
      this.client = vertx.createHttpClient(
          new HttpClientOptions().setConnectTimeout(CONNECT_MS).setKeepAlive(false).setDecompressionSupported(false));
      this.uri = uri;
    }

    @Override
    public Future<byte[]> read() {
      RequestOptions options = new RequestOptions().setAbsoluteURI(uri.toString()).setFollowRedirects(false)
          .putHeader("accept", "application/jwk-set+json, application/json");
      return client.request(options).compose(FromWeb::answer);
    }

    private static Future<byte[]> answer(HttpClientRequest request) {
      return request.send().compose(response -> body(request, response)).timeout(WHOLE_MS, TimeUnit.MILLISECONDS)
          .onFailure(_ -> request.reset());
    }

    private static Future<byte[]> body(HttpClientRequest request, HttpClientResponse response) {
      // The end tells of it too; without a handler it would also be logged as nobody's error.
      response.exceptionHandler(_ -> {
      });
      if (response.statusCode() != 200) {
        return Future.failedFuture(new IOException("status " + response.statusCode()));
      }
      Buffer body = Buffer.buffer();
      response.handler(part -> {
        if (body.length() + part.length() > JwkSet.BYTES_MAX) {
          request.reset();
        } else {
          body.appendBuffer(part);
        }
      });
      return response.end().map(_ -> body.getBytes());
    }

    @Override
    public String place() {
      return uri.toString();
    }

    @Override
    public void close() {
      client.close();
    }
  }
}
