// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.UnknownFieldSet;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.GetSelf;
import io.e2relay.protocol.wire.Leave;
import io.e2relay.protocol.wire.Sent;
import io.e2relay.protocol.wire.ServerFrame;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameCodecTest {
  private static final String ID = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  private static final String LEAVE = "{\"id\":\"7\",\"leave\":{\"conversationId\":\"" + ID + "\"}}";
  private static final ClientFrame FRAME = ClientFrame.newBuilder().setId(7)
      .setLeave(Leave.newBuilder().setConversationId(ByteString.copyFrom(new byte[32]))).build();

  @ParameterizedTest
  @ValueSource(strings = {LEAVE, " \n" + LEAVE + "\t", "{\"id\":7,\"leave\":{\"conversation_id\":\"" + ID + "\"}}",
      "{\"leave\":{\"conversationId\":\"" + ID + "\",\"more\":[{\"a\":null}]},\"later\":{\"x\":[1.5,true]},\"id\":7}",
      "{\"id\":7,\"hello\":null,\"leave\":{\"conversationId\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}}"})
  void a_request_may_be_written_in_every_way_of_the_json_mapping(String text) {
    assertEquals(new Decoded.Valid(FRAME), FrameCodec.decodeText(text));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", value = {"+/+/|-_-_", "+/8=|-_8", "+/8|-_8="})
  void bytes_are_base64_of_either_alphabet_with_or_without_padding(String standard, String url) {
    for (String text : List.of(standard, url)) {
      var refused = (Decoded.Malformed) FrameCodec
          .decodeText("{\"id\":7,\"leave\":{\"conversationId\":\"" + text + "\"}}");
      assertEquals("conversation_id must have 32 bytes", refused.detail());
    }
    var refused = (Decoded.Malformed) FrameCodec.decodeText("{\"id\":7,\"leave\":{\"conversationId\":\"A*==\"}}");
    assertEquals("not base64", refused.detail());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "{`id`:7,`id`:7,`leave`:{`conversationId`:`ID`}}|not JSON, or a key twice, or beyond the limits",
      "{`id`:7,`leave`:{`conversationId`:`ID`,`conversation_id`:`ID`}}|a field twice",
      "{`id`:7,`leave`:{`conversationId`:`ID`},`hello`:{}}|a field twice",
      "{`id`:7,`x`:{`a`:1,`a`:2},`leave`:{`conversationId`:`ID`}}|not JSON, or a key twice, or beyond the limits",
      "{`id`:7,`leave`:{`conversationId`:`ID`}} {}|something after the frame",
      "{`id`:7,`leave`:{`conversationId`:`ID`}|not JSON, or a key twice, or beyond the limits",
      "[{`id`:7,`leave`:{`conversationId`:`ID`}}]|not a JSON object", "null|not a JSON object",
      "{`id`:7.0,`leave`:{}}|a whole number was expected", "{`id`:-7,`leave`:{}}|a whole number was expected",
      "{`id`:`+7`,`leave`:{}}|a whole number was expected", "{`id`:``,`leave`:{}}|a whole number was expected",
      "{`id`:1e999,`leave`:{}}|a whole number was expected",
      "{`id`:NaN,`leave`:{}}|not JSON, or a key twice, or beyond the limits",
      "{`id`:18446744073709551616,`leave`:{}}|a number is too large",
      "{`id`:true,`leave`:{}}|a whole number was expected", "{`id`:7,`leave`:[]}|an object was expected",
      "{`id`:7,`leave`:{`conversationId`:7}}|a base64 string was expected",
      "{`id`:7,`listConversations`:{`limit`:4294967296}}|a number is too large",
      "{`id`:7,`createConversation`:{`joinByLink`:1}}|true or false was expected",
      "{`id`:7,`createConversation`:{`level`:`TRUST_ME`}}|a name that is not known",
      "{`id`:7,`createConversation`:{`level`:9}}|a name that is not known",
      "{`id`:7,`createConversation`:{`members`:{}}}|a list was expected",
      "{`id`:7,`createConversation`:{`members`:[null]}}|a base64 string was expected",
      "{`id`:7,`hello`:{`token`:1}}|a string was expected",
      "{`id`:7,`hello`:{`token`:`\\ud800x`}}|half a surrogate pair",
      "{`id`:7,`hello`:{`token`:`\\udc00\\ud800`}}|half a surrogate pair"})
  void a_text_that_is_not_a_request_is_malformed_and_says_why(String text, String detail) {
    String json = text.replace('`', '"').replace("ID", ID);
    var refused = assertInstanceOf(Decoded.Malformed.class, FrameCodec.decodeText(json), json);
    assertEquals(ErrorCode.MALFORMED, refused.code());
    assertEquals(detail, refused.detail());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\u0000", "\ufeff" + LEAVE, LEAVE + "\u0000", "\ud800", "/**/" + LEAVE, "'", "{"})
  void what_is_no_json_is_malformed(String text) {
    assertEquals(ErrorCode.MALFORMED, ((Decoded.Malformed) FrameCodec.decodeText(text)).code());
  }

  @Test
  void a_whole_surrogate_pair_is_text() {
    String json = "{\"id\":7,\"refreshToken\":{\"token\":\"\\ud83d\\ude00\"}}";
    var valid = assertInstanceOf(Decoded.Valid.class, FrameCodec.decodeText(json));
    assertEquals("\ud83d\ude00", valid.frame().getRefreshToken().getToken());
  }

  @Test
  void a_refusal_carries_the_id_as_far_as_it_could_be_read() {
    assertEquals(7, ((Decoded.Malformed) FrameCodec.decodeText("{\"id\":\"7\",\"leave\":3}")).id());
    assertEquals(0, ((Decoded.Malformed) FrameCodec.decodeText("{\"leave\":3,\"id\":\"7\"}")).id());
    assertEquals(7, ((Decoded.Malformed) FrameCodec.decodeBinary(new byte[]{0x08, 0x07, 0x0b})).id());
    assertEquals(-1, ((Decoded.Malformed) FrameCodec.decodeText("{\"id\":18446744073709551615,\"leave\":3}")).id());
  }

  @Test
  void fields_of_a_later_release_are_dropped_up_to_their_limit() {
    assertEquals(new Decoded.Valid(FRAME), FrameCodec.decodeBinary(later(Limits.UNKNOWN_FIELDS_MAX)));
    assertEquals(new Decoded.Malformed(7, ErrorCode.MALFORMED, "too many unknown fields"),
        FrameCodec.decodeBinary(later(Limits.UNKNOWN_FIELDS_MAX + 1)));
    assertEquals(new Decoded.Valid(FRAME), FrameCodec.decodeText(laterText(Limits.UNKNOWN_FIELDS_MAX)));
    assertEquals(new Decoded.Malformed(0, ErrorCode.MALFORMED, "too many unknown fields"),
        FrameCodec.decodeText(laterText(Limits.UNKNOWN_FIELDS_MAX + 1)));
  }

  @Test
  void json_nests_up_to_its_limit() {
    // The frame itself is one level.
    assertEquals(new Decoded.Valid(FRAME), FrameCodec.decodeText(nested(Limits.JSON_DEPTH_MAX - 1)));
    assertEquals(ErrorCode.MALFORMED,
        ((Decoded.Malformed) FrameCodec.decodeText(nested(Limits.JSON_DEPTH_MAX))).code());
  }

  @Test
  void a_frame_at_the_limit_is_read_and_one_byte_more_is_too_large() {
    String text = LEAVE + " ".repeat(Limits.FRAME_BYTES_MAX - LEAVE.length());
    assertEquals(new Decoded.Valid(FRAME), FrameCodec.decodeText(text));
    assertEquals(new Decoded.Malformed(0, ErrorCode.TOO_LARGE, "the frame is too large"),
        FrameCodec.decodeText(text + " "));
    byte[] head = FRAME.toByteArray();
    // Field 3,000 is of no release yet; its tag takes three bytes, its length three.
    byte[] padded = padded(Limits.FRAME_BYTES_MAX - head.length - 6);
    assertEquals(Limits.FRAME_BYTES_MAX, padded.length);
    assertEquals(new Decoded.Valid(FRAME), FrameCodec.decodeBinary(padded));
    assertEquals(new Decoded.Malformed(0, ErrorCode.TOO_LARGE, "the frame is too large"),
        FrameCodec.decodeBinary(padded(Limits.FRAME_BYTES_MAX - head.length - 5)));
  }

  @Test
  void the_densest_honest_text_is_read() {
    String cursors = IntStream.range(0, Limits.CURSORS_PER_REQUEST_MAX)
        .mapToObj(i -> "{\"conversationId\":\"%04d%s\",\"afterSeq\":1}".formatted(i, ID.substring(4)).replace("=", ""))
        .collect(Collectors.joining(","));
    var valid = assertInstanceOf(Decoded.Valid.class,
        FrameCodec.decodeText("{\"id\":1,\"subscribe\":{\"cursors\":[" + cursors + "]}}"));
    assertEquals(Limits.CURSORS_PER_REQUEST_MAX, valid.frame().getSubscribe().getCursorsCount());
  }

  @Test
  void two_requests_in_one_binary_frame_are_malformed() {
    byte[] twice = FRAME.toByteString().concat(ByteString.copyFrom(new byte[]{0x52, 0x00})).toByteArray();
    assertEquals(new Decoded.Malformed(7, ErrorCode.MALFORMED, "a field twice"), FrameCodec.decodeBinary(twice));
  }

  @Test
  void numbers_come_one_by_one_and_never_packed() {
    byte[] one = {0x08, 0x07, (byte) 0xe2, 0x01, 0x04, 0x08, 0x01, 0x08, 0x02};
    assertEquals(
        new Decoded.Valid(
            ClientFrame.newBuilder().setId(7).setGetSelf(GetSelf.newBuilder().addKinds(1).addKinds(2)).build()),
        FrameCodec.decodeBinary(one));
    byte[] packed = {0x08, 0x07, (byte) 0xe2, 0x01, 0x04, 0x0a, 0x02, 0x01, 0x02};
    assertEquals(new Decoded.Malformed(7, ErrorCode.MALFORMED, "packed numbers"), FrameCodec.decodeBinary(packed));
  }

  @Test
  void a_server_frame_is_written_in_both_subprotocols() throws Exception {
    ServerFrame frame = ServerFrame.newBuilder().setReplyTo(7).setSent(Sent.newBuilder().setSeq(3)).build();
    assertEquals(frame, ServerFrame.parseFrom(FrameCodec.encodeBinary(frame)));
    assertEquals("{\"replyTo\":\"7\",\"sent\":{\"seq\":\"3\"}}", FrameCodec.encodeText(frame));
  }

  /// The walk before the parser and the JSON reader rely on these; a schema that needs more must extend them first.
  @Test
  void the_schema_stays_within_what_the_readers_know() {
    Set<Descriptor> seen = new HashSet<>();
    Deque<Descriptor> todo = new ArrayDeque<>(List.of(ClientFrame.getDescriptor()));
    while (!todo.isEmpty()) {
      Descriptor type = todo.pop();
      assertTrue(seen.add(type), "one place for each message, so that depth is bounded: " + type.getName());
      assertTrue(type.getFields().size() <= 64, "one bit for each field: " + type.getName());
      for (FieldDescriptor field : type.getFields()) {
        assertFalse(field.isMapField() || field.isPacked(), field.getFullName());
        assertFalse(
            Set.of(FieldDescriptor.JavaType.FLOAT, FieldDescriptor.JavaType.DOUBLE).contains(field.getJavaType()),
            field.getFullName());
        assertFalse(
            Set.of(FieldDescriptor.Type.SINT32, FieldDescriptor.Type.SINT64, FieldDescriptor.Type.INT32,
                FieldDescriptor.Type.INT64).contains(field.getType()),
            "JSON reads unsigned only: " + field.getFullName());
        if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
          todo.push(field.getMessageType());
        }
      }
    }
  }

  private static byte[] padded(int bytes) {
    var padding = UnknownFieldSet.Field.newBuilder().addLengthDelimited(ByteString.copyFrom(new byte[bytes])).build();
    return FRAME.toBuilder().setUnknownFields(UnknownFieldSet.newBuilder().addField(3_000, padding).build()).build()
        .toByteArray();
  }

  private static byte[] later(int fields) {
    UnknownFieldSet.Builder unknown = UnknownFieldSet.newBuilder();
    for (int i = 0; i < fields; i++) {
      unknown.addField(3_000 + i, UnknownFieldSet.Field.newBuilder().addVarint(i).build());
    }
    return FRAME.toBuilder().setUnknownFields(unknown.build()).build().toByteArray();
  }

  private static String laterText(int fields) {
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < fields; i++) {
      text.append("\"of a later release, ").append(i).append("\":\"x\",");
    }
    return text + LEAVE.substring(1);
  }

  private static String nested(int depth) {
    return "{\"x\":" + "[".repeat(depth) + "]".repeat(depth) + "," + LEAVE.substring(1);
  }
}
