// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
  private static final Arguments.Known KNOWN = new Arguments.Known(Set.of("--port", "--set"), Set.of("--migrate"), 1);

  @Test
  void options_switches_and_words_are_told_apart() throws UsageException {
    Arguments arguments = parse("--port", "1", "print", "--set=a=b", "--set", "c=d", "--migrate");
    assertEquals("1", arguments.option("--port"));
    assertEquals(List.of("a=b", "c=d"), arguments.all("--set"));
    assertEquals(List.of("print"), arguments.words());
    assertTrue(arguments.has("--migrate"));
    assertFalse(parse().has("--migrate"));
  }

  @Test
  void every_misuse_is_told_in_its_own_words() throws UsageException {
    assertEquals("there is no option '--prot'", misuse("--prot", "1"));
    assertEquals("there is no option '-x'", misuse("-x"));
    assertEquals("there is no option '--migrate'", misuse("--migrate=true"));
    assertEquals("--port needs a value", misuse("--port"));
    assertEquals("'check' is not understood", misuse("print", "check"));
    Arguments twice = parse("--port", "1", "--port", "2");
    assertEquals("--port is given twice",
        assertThrows(UsageException.class, () -> twice.option("--port")).getMessage());
  }

  @Test
  void numbers_have_bounds() throws UsageException {
    assertEquals(7, parse().number("--port", 7, 1, 10));
    assertEquals(1, parse("--port", "1").number("--port", 7, 1, 10));
    assertEquals(10, parse("--port", "10").number("--port", 7, 1, 10));
    for (String bad : List.of("0", "11", "x", "", "99999999999")) {
      Arguments arguments = parse("--port", bad);
      assertEquals("--port: is '" + bad + "', allowed is 1 to 10",
          assertThrows(UsageException.class, () -> arguments.number("--port", 7, 1, 10)).getMessage());
    }
  }

  private static Arguments parse(String... words) throws UsageException {
    return Arguments.parse(List.of(words), KNOWN);
  }

  private static String misuse(String... words) {
    return assertThrows(UsageException.class, () -> parse(words)).getMessage();
  }
}
