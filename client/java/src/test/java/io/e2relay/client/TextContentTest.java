// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TextContentTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "hello", "\"quotes\" \\ and \n lines", "\uD83D\uDD10 ключ"})
  void a_text_comes_back_as_it_went(String text) {
    assertEquals(text, TextContent.textOf(TextContent.of(text)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no json", "[1]", "{\"kind\":\"file\",\"text\":\"x\"}", "{\"text\":\"x\"}",
      "{\"kind\":\"text\",\"text\":{\"a\":[1,2]}}", "{\"kind\":\"text\""})
  void what_is_no_text_message_has_no_text(String body) {
    assertEquals("", TextContent.textOf(ByteString.copyFromUtf8(body)));
  }

  @Test
  void unknown_fields_are_passed_over() {
    assertEquals("x",
        TextContent.textOf(ByteString.copyFromUtf8("{\"new\":{\"deep\":[1]},\"kind\":\"text\",\"text\":\"x\"}")));
  }
}
