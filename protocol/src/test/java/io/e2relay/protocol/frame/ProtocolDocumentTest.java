// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.util.JsonFormat;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// docs/PROTOCOL.md against the schema and the codec: a stranger writes a client from that page alone.
final class ProtocolDocumentTest {
  private static String document = "";

  @BeforeAll
  static void read() throws IOException {
    document = Files.readString(Path.of("..", "docs", "PROTOCOL.md"));
  }

  @Test
  void every_request_has_an_example_that_the_service_takes() {
    Set<ClientFrame.BodyCase> shown = EnumSet.of(ClientFrame.BodyCase.BODY_NOT_SET);
    for (String example : examples("client")) {
      var valid = assertInstanceOf(Decoded.Valid.class, FrameCodec.decodeText(example), example);
      assertEquals(valid, FrameCodec.decodeBinary(valid.frame().toByteArray()));
      shown.add(valid.frame().getBodyCase());
    }
    assertEquals(EnumSet.allOf(ClientFrame.BodyCase.class), shown);
  }

  @Test
  void every_reply_and_event_has_an_example_as_the_service_writes_it() throws IOException {
    Set<ServerFrame.BodyCase> shown = EnumSet.of(ServerFrame.BodyCase.BODY_NOT_SET);
    for (String example : examples("server")) {
      ServerFrame.Builder frame = ServerFrame.newBuilder();
      JsonFormat.parser().merge(example, frame);
      assertEquals(example, FrameCodec.encodeText(frame.build()));
      shown.add(frame.getBodyCase());
    }
    assertEquals(EnumSet.allOf(ServerFrame.BodyCase.class), shown);
  }

  @Test
  void every_field_and_enum_value_is_in_the_section_of_its_type() {
    Set<Descriptor> seen = new HashSet<>();
    Deque<Descriptor> todo = new ArrayDeque<>(List.of(ClientFrame.getDescriptor(), ServerFrame.getDescriptor()));
    while (!todo.isEmpty()) {
      Descriptor type = todo.pop();
      if (!seen.add(type)) {
        continue;
      }
      for (FieldDescriptor field : type.getFields()) {
        assertRow(type.getName(), "| %d | `%s` | ".formatted(field.getNumber(), field.getJsonName()));
        if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
          todo.push(field.getMessageType());
        } else if (field.getJavaType() == FieldDescriptor.JavaType.ENUM) {
          for (EnumValueDescriptor value : field.getEnumType().getValues()) {
            assertRow(field.getEnumType().getName(), "| %d | `%s` | ".formatted(value.getNumber(), value.getName()));
          }
        }
      }
    }
  }

  @Test
  void the_subprotocols_are_named() {
    Arrays.stream(Subprotocol.values()).forEach(one -> assertTrue(document.contains("`" + one.token() + "`")));
  }

  private static void assertRow(String type, String row) {
    int start = document.indexOf("\n### " + type + "\n");
    assertTrue(start >= 0, "no section for " + type);
    int end = document.indexOf("\n#", start + 1);
    assertTrue(document.substring(start, end).contains("\n" + row), type + " lacks " + row);
  }

  private static List<String> examples(String side) {
    return Pattern.compile("```json " + side + "\n(.*?)\n```", Pattern.DOTALL).matcher(document).results()
        .map(example -> example.group(1)).toList();
  }
}
