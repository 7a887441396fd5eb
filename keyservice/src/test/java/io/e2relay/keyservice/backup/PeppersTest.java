// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PeppersTest {
  private static final String ONE = "11".repeat(32);
  private static final String TWO = "Ab".repeat(32);
  private static final String KEY = "keys.pepper.file";

  @TempDir
  Path folder;

  @Test
  void the_newest_is_the_last_line_and_older_ones_stay() {
    Peppers peppers = Peppers.parse("1:" + ONE + "\r\n7:" + TWO + "\n");
    assertNotNull(peppers);
    assertEquals(7, peppers.newest().version());
    assertEquals(1, peppers.oldest().version());
    Pepper seven = new Pepper(7, ByteString.copyFrom(HexFormat.of().parseHex(TWO)));
    assertEquals(seven, peppers.of(7));
    assertNull(peppers.of(2));
    assertEquals(seven, Sample.peppers(seven).newest());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "1:", "1:11", ":1111", "0:" + "11", "x:11"})
  void what_is_not_a_pepper_is_none(String text) {
    assertNull(Peppers.parse(text));
    assertNull(Peppers.parse("1:" + ONE + "\n" + text + "\n3:" + TWO));
  }

  @Test
  void versions_grow_and_keys_have_32_bytes() {
    assertNotNull(Peppers.parse("1:" + ONE + "\n2:" + TWO));
    assertNull(Peppers.parse("2:" + ONE + "\n1:" + TWO));
    assertNull(Peppers.parse("1:" + ONE + "\n1:" + TWO));
    assertNull(Peppers.parse("01:" + ONE));
    assertNull(Peppers.parse("0:" + ONE));
    assertNull(Peppers.parse("9999999999:" + ONE));
    assertNull(Peppers.parse("1:" + ONE + "1"));
    assertNull(Peppers.parse("1:" + ONE.substring(1)));
    assertNull(Peppers.parse("1:" + ONE.replace('1', 'g')));
  }

  @Test
  void none_shows() {
    Peppers peppers = Sample.peppers(new Pepper(3, ByteString.copyFrom(HexFormat.of().parseHex(TWO))));
    assertEquals("Peppers[Pepper[3]]", peppers.toString());
  }

  @Test
  void they_come_from_a_file_that_others_may_not_read() throws IOException {
    String malformed = "is not a file that others may not read, with lines of VERSION:64 hex digits, versions growing";
    assertEquals(List.of(), mistakes(file("1:" + ONE, "rw-------")));
    assertEquals(List.of(), mistakes(file("1:" + ONE + "\n2:" + TWO, "r--r-----")));
    for (String mode : List.of("rw----r--", "rw-----w-", "rw-r--r--")) {
      String told = mistakes(file("1:" + ONE, mode)).getFirst();
      assertTrue(told.startsWith(KEY + ": others may get at '"), told);
      assertTrue(told.endsWith("versions growing"), told);
    }
    for (String text : List.of("", "1:11", ONE)) {
      assertEquals(List.of(KEY + ": " + malformed), mistakes(file(text, "rw-------")));
    }
    assertTrue(mistakes(folder.resolve("none").toString()).getFirst().endsWith("(NoSuchFileException)"));
    assertTrue(mistakes(file("1:\u00e4", "rw-------")).getFirst().endsWith("(MalformedInputException)"));
  }

  @Test
  void nothing_starts_without_one() {
    Settings settings = new Settings(Map.of());
    assertEquals("Peppers[]", Peppers.read(settings).toString());
    assertEquals(1, settings.mistakes().size());
    assertTrue(settings.mistakes().getFirst().startsWith(KEY + ": is missing, allowed is a file that "));
  }

  private List<String> mistakes(String file) {
    Settings settings = new Settings(Map.of(KEY, file));
    Peppers.read(settings);
    assertFalse(settings.rows().toString().contains(ONE));
    assertFalse(settings.mistakes().toString().contains(ONE));
    return settings.mistakes();
  }

  private String file(String text, String mode) throws IOException {
    Path file = Files.createTempFile(folder, "pepper", "");
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    return file.toString();
  }
}
