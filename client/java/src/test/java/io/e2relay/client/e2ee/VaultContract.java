// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What holds for every vault.
interface VaultContract {
  /// One in which nothing has been written; each time the same within a test.
  Vault vault();

  /// The same, as a program finds it that starts anew.
  Vault reopened();

  @Test
  default void in_the_beginning_there_is_nothing() {
    assertEquals(Optional.empty(), vault().get("a"));
    assertEquals(List.of(), vault().keys(""));
  }

  @Test
  default void what_was_written_is_there_also_the_next_time() {
    vault().write(Map.of("a", value("1"), "b", value("")));
    assertEquals(value("1"), vault().get("a"));
    assertEquals(value("1"), reopened().get("a"));
    assertEquals(value(""), reopened().get("b"));
  }

  @Test
  default void a_later_write_replaces_and_removes() {
    vault().write(Map.of("a", value("1"), "b", value("2"), Vault.PASSING + "c", value("3")));
    vault().write(Map.of("a", value("4"), "b", Optional.empty(), "never", Optional.empty()));
    assertEquals(List.of("a", Vault.PASSING + "c"), vault().keys(""));
    vault().write(Map.of(Vault.PASSING + "c", Optional.empty()));
    assertEquals(List.of("a"), reopened().keys(""));
    assertEquals(value("4"), reopened().get("a"));
  }

  @Test
  default void keys_are_listed_by_their_beginning_and_in_their_order() {
    vault().write(Map.of("b/2", value(""), "b/1", value(""), "b", value(""), "a", value(""), "c", value("")));
    assertEquals(List.of("b/1", "b/2"), vault().keys("b/"));
    assertEquals(List.of("b", "b/1", "b/2"), vault().keys("b"));
    assertEquals(List.of(), vault().keys("d"));
  }

  @Test
  default void many_writes_are_all_there() {
    IntStream.range(0, 500).forEach(i -> vault().write(Map.of("n", value("" + i), "k" + i % 7, value("x" + i))));
    assertEquals(value("499"), reopened().get("n"));
    IntStream.range(493, 500).forEach(i -> assertEquals(value("x" + i), reopened().get("k" + i % 7)));
  }

  private static Optional<ByteString> value(String text) {
    return Optional.of(ByteString.copyFromUtf8(text));
  }
}
