// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One case of the published vectors, in the making: names and what they stand for.
record VectorsCase(Map<String, Object> fields) {
  static VectorsCase named(String name) {
    return new VectorsCase(new LinkedHashMap<>(Map.of("name", name)));
  }

  VectorsCase with(String field, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(fields);
    more.put(field, plain(value));
    return new VectorsCase(more);
  }

  /// Too many bytes to print them: a piece of them and how often it comes.
  VectorsCase repeated(String field, ByteString piece, int times) {
    return with(field, repeat(piece, times));
  }

  /// Too many bytes to print them: their hash and length.
  VectorsCase hashed(String field, ByteString bytes) {
    return with(field, digest(bytes));
  }

  VectorsCase with(Fault fault) {
    return with("fault", fault.name());
  }

  static Map<String, Object> repeat(ByteString piece, int times) {
    Map<String, Object> repeated = new LinkedHashMap<>();
    repeated.put("repeat", hex(piece));
    repeated.put("times", times);
    return repeated;
  }

  static Map<String, Object> digest(ByteString bytes) {
    Map<String, Object> digest = new LinkedHashMap<>();
    digest.put("sha256", hex(sha256(bytes)));
    digest.put("length", bytes.size());
    return digest;
  }

  static Object plain(Object value) {
    return switch (value) {
      case ByteString bytes -> hex(bytes);
      case VectorsKeys keys -> keys.json();
      case VectorsCase inner -> inner.fields();
      case List<?> list -> list.stream().map(VectorsCase::plain).toList();
      default -> value;
    };
  }

  static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  /// The same byte so often.
  static ByteString filled(int value, int times) {
    byte[] bytes = new byte[times];
    java.util.Arrays.fill(bytes, (byte) value);
    return ByteString.copyFrom(bytes);
  }

  static ByteString ascii(String text) {
    return ByteString.copyFrom(text, StandardCharsets.US_ASCII);
  }

  static ByteString label(String text) {
    return ByteString.copyFrom(new byte[]{(byte) text.length()}).concat(ascii(text));
  }

  static ByteString number(int bytes, long value) {
    byte[] number = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      number[i] = (byte) (value >>> (8 * (bytes - 1 - i)));
    }
    return ByteString.copyFrom(number);
  }

  static ByteString sha256(ByteString bytes) {
    try {
      return ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
