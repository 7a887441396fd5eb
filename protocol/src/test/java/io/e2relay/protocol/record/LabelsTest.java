// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class LabelsTest {
  @Test
  void a_label_stands_behind_its_length() {
    assertEquals(ByteString.fromHex("0965").concat(ByteString.copyFromUtf8("2r/1/uid")), Labels.of("e2r/1/uid"));
    assertThrows(IllegalArgumentException.class, () -> Labels.of("x".repeat(256)));
    assertEquals(256, Labels.of("x".repeat(255)).size());
  }

  @Test
  void no_label_is_the_beginning_of_another() {
    for (String one : Labels.ALL) {
      for (String other : Labels.ALL) {
        assertEquals(one.equals(other), Labels.of(other).startsWith(Labels.of(one)), one + " " + other);
      }
    }
    assertTrue("e2r/1/msg-hash".startsWith("e2r/1/msg"), "without the length one would be");
  }

  /// No record begins as a signed message does, so that a signature of one thing is never one of another.
  @Test
  void no_record_begins_like_what_is_signed() {
    for (String label : Labels.ALL) {
      assertFalse(Labels.of(label).startsWith(ByteString.copyFrom(new byte[]{1})), label);
    }
  }

  @Test
  void the_document_uses_these_labels_and_no_others() throws IOException {
    String document = Files.readString(Path.of("..", "docs", "PROTOCOL.md"));
    Set<String> used = Pattern.compile("\"(e2r/1/[a-z-]+)\"").matcher(document).results().map(label -> label.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
    used.remove("e2r/1/safety-number");
    Pattern.compile("SIGN\\([^\"`]*?\"([a-z-]+)\"").matcher(document).results()
        .forEach(name -> used.add(Labels.SIGNATURE + name.group(1)));
    Pattern.compile("if 2, \"([a-z-]+)\"").matcher(document).results()
        .forEach(name -> used.add(Labels.SIGNATURE + name.group(1)));
    used.add("e2r/1/uid");
    assertEquals(new TreeSet<>(Labels.ALL), used);
  }
}
