// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class FaultDocumentTest {
  @Test
  void every_fault_has_its_row_in_the_document_in_this_order_and_no_other_has() throws IOException {
    String document = Files.readString(Path.of("..", "docs", "PROTOCOL.md"));
    String section = document.substring(document.indexOf("\n### Faults\n"));
    List<String> rows = Pattern.compile("(?m)^\\| ([A-Z_]+) \\| .+ \\|$")
        .matcher(section.substring(0, section.indexOf("\n## "))).results().map(row -> row.group(1)).toList();
    assertEquals(Arrays.stream(Fault.values()).map(Enum::name).toList(), rows);
  }
}
