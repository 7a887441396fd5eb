// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.e2relay.protocol.wire.ClientFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// Frames of about a given size that cost a careless decoder many times that size.
final class HostileFrames {
  private static final int SUBSCRIBE = ClientFrame.SUBSCRIBE_FIELD_NUMBER;
  private static final int UNSUBSCRIBE = ClientFrame.UNSUBSCRIBE_FIELD_NUMBER;
  private static final int CREATE = ClientFrame.CREATE_CONVERSATION_FIELD_NUMBER;

  private HostileFrames() {
  }

  static List<byte[]> binary(int size) {
    List<byte[]> frames = new ArrayList<>();
    for (int length : List.of(0, 1, 4, 14, 32)) {
      // Lists of items that are (nearly) nothing, alone and with so much beside them that they seem few.
      int item = length + 2;
      for (int items : List.of(size / item, 30 + size / 16, Math.min(1_000, 30 + size / 16))) {
        int padding = Math.max(0, size - items * item);
        frames.add(frame(SUBSCRIBE, list(1, length, items, padding)));
        frames.add(frame(UNSUBSCRIBE, list(1, length, items, padding)));
        frames.add(frame(CREATE, list(3, length, items, padding)));
      }
    }
    frames.add(repeated(size, 0x50, 0x01));
    frames.add(repeated(size, 0xba, 0x3e, 0x00));
    frames.add(repeated(size, 0x0a));
    frames.add(repeated(size, 0xff));
    frames.add(repeated(size, 0x0b));
    // One body after the other: each would be built anew.
    frames.add(repeated(size, 0x52, 0x00, 0x5a, 0x00));
    frames.add(repeated(size, 0xb2, 0x02, 0x00));
    frames.add(frame(15, ByteString.copyFrom(new byte[size])));
    frames.add(frame(ClientFrame.HELLO_FIELD_NUMBER, field(1, new byte[size])));
    return frames;
  }

  static List<String> text(int size) {
    List<String> frames = new ArrayList<>();
    for (String item : List.of("{}", "\"\"", "\"AA\"", "null", "1", "[]", "{\"afterSeq\":1}",
        "{\"conversationId\":\"AAAA\"}", "{\"uid\":\"AAAA\",\"afterSeq\":1}", "{\"a\":1}",
        "\"" + "A".repeat(22) + "\"")) {
      for (int items : List.of(size / (item.length() + 1), 30 + size / 24, 30 + size / 40)) {
        String list = "[" + (item + ",").repeat(items) + item + "]";
        String padding = "\"x\":\"" + "y".repeat(Math.max(0, size - list.length())) + "\"";
        for (String key : List.of("subscribe\":{\"cursors", "getAccounts\":{\"accounts",
            "unsubscribe\":{\"conversationIds", "createConversation\":{\"members", "unknown\":{\"unknown")) {
          frames.add("{\"id\":1,\"" + key + "\":" + list + "}," + padding + "}");
        }
      }
    }
    StringBuilder names = new StringBuilder("{");
    for (int i = 0; names.length() < size; i++) {
      names.append("\"f").append(i).append("\":1,");
    }
    frames.add(names + "\"id\":1}");
    frames.add("{\"unknown\":" + names + "\"id\":1}}");
    frames.add("{\"id\":1," + "\"id\":1,".repeat(size / 7) + "\"id\":1}");
    frames.add("{\"id\":" + "9".repeat(size) + "}");
    frames.add("{\"id\":0." + "9".repeat(size) + "}");
    frames.add("{\"id\":1e" + "9".repeat(size) + "}");
    frames.add("{\"id\":\"" + "9".repeat(size) + "\"}");
    frames.add("{\"" + "a".repeat(size) + "\":1}");
    frames.add("[".repeat(size));
    frames.add("{\"a\":".repeat(size / 5));
    frames.add("{\"unknown\":" + "[".repeat(size / 2) + "]".repeat(size / 2) + "}");
    frames.add(" ".repeat(size));
    frames.add("{\"id\":1,\"hello\":{\"token\":\"" + "\\u0100".repeat(size / 6) + "\"}}");
    frames.add("{\"id\":1,\"hello\":{\"token\":\"" + "\u4e00".repeat(size) + "\"}}");
    frames.add("{\"id\":1,\"send\":{\"body\":\"" + "A".repeat(size / 4 * 4) + "\"}}");
    return frames;
  }

  private static ByteString list(int number, int length, int items, int padding) {
    ByteString item = field(number, new byte[length]);
    ByteString last = padding == 0 ? ByteString.EMPTY : field(number, new byte[padding]);
    List<ByteString> all = new ArrayList<>(java.util.Collections.nCopies(items, item));
    all.add(last);
    return ByteString.copyFrom(all);
  }

  private static byte[] frame(int body, ByteString content) {
    return field(body, content.toByteArray()).toByteArray();
  }

  private static byte[] repeated(int size, int... bytes) {
    byte[] frame = new byte[size];
    for (int i = 0; i < size; i++) {
      frame[i] = (byte) bytes[i % bytes.length];
    }
    return frame;
  }

  private static ByteString field(int number, byte[] content) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeByteArray(number, content);
      out.flush();
      return ByteString.copyFrom(bytes.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
