// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Vectors that all languages read, where they stand in the repository.
final class PublishedFile {
  private PublishedFile() {
  }

  static JsonObject json(String name) {
    try {
      return new JsonObject(Files.readString(Path.of("../../protocol/src/test/resources", name)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The tests of a file of Wycheproof, whatever their group.
  static List<JsonObject> wycheproof(String name) {
    return objects(json("wycheproof/" + name).getJsonArray("testGroups"))
        .flatMap(group -> objects(group.getJsonArray("tests"))).toList();
  }

  static ByteString hex(JsonObject object, String field) {
    return Octets.hex(object.getString(field));
  }

  private static Stream<JsonObject> objects(JsonArray array) {
    return array.stream().map(JsonObject.class::cast);
  }
}
