// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A published vector with the group that it stands in.
record Wycheproof(JsonObject group, JsonObject vector) {
  static List<Wycheproof> read(String file) {
    try {
      JsonObject all = JsonParser.parseString(Files.readString(Path.of("src/test/resources/wycheproof", file)))
          .getAsJsonObject();
      List<Wycheproof> vectors = new ArrayList<>();
      for (JsonElement group : all.getAsJsonArray("testGroups")) {
        for (JsonElement vector : group.getAsJsonObject().getAsJsonArray("tests")) {
          vectors.add(new Wycheproof(group.getAsJsonObject(), vector.getAsJsonObject()));
        }
      }
      return vectors;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean valid() {
    return vector.get("result").getAsString().equals("valid");
  }

  ByteString hex(String field) {
    return ByteString.fromHex(vector.get(field).getAsString());
  }

  int number(String field) {
    return vector.get(field).getAsInt();
  }

  boolean flagged(String flag) {
    return vector.getAsJsonArray("flags").contains(new com.google.gson.JsonPrimitive(flag));
  }

  @Override
  public String toString() {
    return vector.get("tcId") + " " + vector.get("comment");
  }
}
