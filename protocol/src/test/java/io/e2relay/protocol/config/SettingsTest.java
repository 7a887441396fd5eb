// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsTest {
  @Test
  void what_is_not_given_has_its_default() {
    Settings settings = new Settings(Map.of());
    assertEquals(new Postgres("localhost", 5432, "e2relay", "e2relay", new Secret("")), Postgres.read(settings));
    assertEquals(new Redis("localhost", 6379, new Secret("")), Redis.read(settings));
    assertEquals(Duration.ofMillis(250), settings.millis("x.wait.ms", 250, 1, 1_000, "Wait."));
    assertEquals("a", settings.choice("x.kind", "a", List.of("a", "b"), "Kind."));
    assertFalse(settings.flag("x.on", false, "On."));
    assertEquals(List.of(), settings.mistakes());
  }

  @Test
  void what_is_given_counts_and_shows_in_its_row() {
    Settings settings = new Settings(Map.of("x.wait.ms", "7"));
    assertEquals(Duration.ofMillis(7), settings.millis("x.wait.ms", 250, 1, 1_000, "Wait."));
    assertEquals(List.of(new Settings.Row("x.wait.ms", "7", "250", "1 to 1000", "Wait.")), settings.rows());
  }

  @ParameterizedTest
  @CsvSource({"1,true", "1000,true", "0,false", "1001,false", "-1,false", "seven,false", "99999999999,false",
      "'',false"})
  void a_number_lies_within_its_bounds(String value, boolean accepted) {
    Settings settings = new Settings(Map.of("x.n", value));
    int number = settings.number("x.n", 5, 1, 1_000, "N.");
    assertEquals(accepted ? value : "5", String.valueOf(number));
    assertEquals(accepted ? List.of() : List.of("x.n: is '" + value + "', allowed is 1 to 1000"), settings.mistakes());
  }

  @Test
  void a_choice_is_one_of_those_allowed() {
    Settings settings = new Settings(Map.of("x.kind", "c", "x.on", "yes"));
    assertEquals("a", settings.choice("x.kind", "a", List.of("a", "b"), "Kind."));
    assertFalse(settings.flag("x.on", false, "On."));
    assertEquals(List.of("x.kind: is 'c', allowed are a | b", "x.on: is 'yes', allowed are true | false"),
        settings.mistakes());
  }

  @Test
  void every_mistake_is_named_at_once_and_so_is_every_unknown_key() {
    Settings settings = new Settings(Map.of("x.n", "0", "x.m", "1", "redis.prot", "1"));
    settings.number("x.n", 5, 1, 9, "N.");
    settings.mistake("x.n", "does not fit with x.o");
    assertEquals(List.of("x.n: is '0', allowed is 1 to 9", "x.n: does not fit with x.o",
        "redis.prot: no such key; allowed are x.n", "x.m: no such key; allowed are x.n"), settings.mistakes());
  }

  @Test
  void a_secret_comes_from_a_file_and_shows_nowhere(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("password"), "hunter2\n");
    Settings settings = new Settings(Map.of("postgres.password.file", file.toString()));
    Postgres postgres = Postgres.read(settings);
    assertEquals("hunter2", postgres.password().reveal());
    assertEquals("[secret]", postgres.password().toString());
    assertFalse(postgres.toString().contains("hunter2"));
    assertFalse(settings.rows().toString().contains("hunter2"));
    assertFalse(postgres.jdbcUrl().contains("hunter2"));
  }

  @Test
  void a_secret_file_that_cannot_be_read_is_a_mistake(@TempDir Path folder) {
    Path file = folder.resolve("missing");
    Settings settings = new Settings(Map.of("redis.password.file", file.toString()));
    assertEquals("", Redis.read(settings).password().reveal());
    assertEquals(List.of("redis.password.file: cannot read '" + file + "' (NoSuchFileException)"), settings.mistakes());
  }

  @Test
  void two_settings_cannot_have_one_key() {
    Settings settings = new Settings(Map.of());
    settings.text("x.t", "", "T.");
    assertThrows(IllegalStateException.class, () -> settings.text("x.t", "", "T."));
  }
}
