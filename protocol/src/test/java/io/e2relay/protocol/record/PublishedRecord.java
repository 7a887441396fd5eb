// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A record of the published vectors: its bytes, and its fields or the fault that a reader finds.
record PublishedRecord(String name, String record, ByteString bytes, Map<String, Object> fields, @Nullable Fault fault,
    Map<String, String> others) {
  private static final Path FOLDER = Path.of("src/test/resources/vectors");

  static List<PublishedRecord> positive() throws IOException {
    List<PublishedRecord> all = new ArrayList<>();
    for (JsonObject file : files()) {
      objects(file, "positive").filter(one -> one.containsKey("fields") && one.getValue("bytes") instanceof String)
          .forEach(one -> all.add(of(file, one, null)));
    }
    return all;
  }

  /// Those that are given whole, and those that one byte more or less makes of another: a changed byte or a cut.
  static List<PublishedRecord> negative() throws IOException {
    List<PublishedRecord> all = new ArrayList<>();
    for (JsonObject file : files()) {
      objects(file, "negative").filter(one -> one.containsKey("record"))
          .forEach(one -> all.add(of(file, one, Fault.valueOf(one.getString("fault")))));
      objects(file, "altered").filter(one -> one.containsKey("record"))
          .forEach(one -> altered(of(file, one, null), one, all));
    }
    return all;
  }

  private static void altered(PublishedRecord whole, JsonObject json, List<PublishedRecord> all) {
    runs(json, "flips").forEach((at, fault) -> {
      byte[] bytes = whole.bytes.toByteArray();
      bytes[at] ^= 1;
      all.add(whole.spoilt("flip " + at, ByteString.copyFrom(bytes), fault));
    });
    runs(json, "cuts").forEach((at, fault) -> all.add(whole.spoilt("cut " + at, whole.bytes.substring(0, at), fault)));
  }

  private PublishedRecord spoilt(String how, ByteString spoilt, Optional<Fault> found) {
    return new PublishedRecord(name + " " + how, record, spoilt, fields, found.orElse(null), others);
  }

  private static Map<Integer, Optional<Fault>> runs(JsonObject json, String name) {
    Map<Integer, Optional<Fault>> faults = new LinkedHashMap<>();
    for (Object run : json.getJsonArray(name, new JsonArray())) {
      JsonArray one = (JsonArray) run;
      for (int at = one.getInteger(0); at <= one.getInteger(1); at++) {
        faults.put(at, Optional.of(one.getString(2)).filter(found -> !found.equals("NONE")).map(Fault::valueOf));
      }
    }
    return faults;
  }

  private static PublishedRecord of(JsonObject file, JsonObject json, @Nullable Fault fault) {
    Map<String, String> others = new LinkedHashMap<>();
    json.forEach(field -> {
      if (field.getValue() instanceof String text) {
        others.put(field.getKey(), text);
      }
    });
    return new PublishedRecord(file.getString("subject") + ": " + json.getString("name"), json.getString("record"),
        ByteString.copyFrom(HexFormat.of().parseHex(json.getString("bytes"))),
        plain(json.getJsonObject("fields", new JsonObject())), fault, others);
  }

  private static Map<String, Object> plain(JsonObject json) {
    Map<String, Object> fields = new LinkedHashMap<>();
    json.forEach(field -> fields.put(field.getKey(), plain(field.getValue())));
    return fields;
  }

  private static Object plain(Object value) {
    return switch (value) {
      case Number number -> number.longValue();
      case JsonObject object -> plain(object);
      case JsonArray array -> array.stream().map(PublishedRecord::plain).toList();
      default -> value;
    };
  }

  private static java.util.stream.Stream<JsonObject> objects(JsonObject file, String list) {
    return file.getJsonArray(list, new JsonArray()).stream().map(JsonObject.class::cast);
  }

  private static List<JsonObject> files() throws IOException {
    List<JsonObject> files = new ArrayList<>();
    for (Object name : new JsonObject(Files.readString(FOLDER.resolve("index.json"))).getJsonArray("files")) {
      files.add(new JsonObject(Files.readString(FOLDER.resolve(name + ".json"))));
    }
    return files;
  }
}
