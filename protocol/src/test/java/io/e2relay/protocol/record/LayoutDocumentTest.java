// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The layouts in docs/PROTOCOL.md are a third reader of the published vectors, beside the two implementations.
final class LayoutDocumentTest {
  private static final List<String> RECORDS = List.of("AccountRecord", "Genesis", "EpochRecord", "Grant", "Envelope",
      "FileDescriptor", "SelfBlob", "BackupBlob", "Bundle");
  private static final List<String> INNER = List.of("Device", "Entry", "Generation", "Head");
  // Published sealed only; HeadsTest compares this one with its reader.
  private static final List<String> SEALED = List.of("Heads");
  private static final Pattern HASH = Pattern.compile("`(\\w+)` = SHA-256\\(LBL\\(\"([^\"]+)\"\\) ‖ tbs\\)");

  private static String document = "";
  private static LayoutReader layouts = LayoutReader.of("");

  @BeforeAll
  static void read() throws IOException {
    document = Files.readString(Path.of("..", "docs", "PROTOCOL.md"));
    layouts = LayoutReader.of(document);
  }

  @Test
  void every_layout_of_the_document_can_be_read_by_a_program() {
    List<String> all = Stream.of(RECORDS, INNER, SEALED).flatMap(List::stream).sorted().toList();
    assertEquals(all, layouts.names().stream().sorted().toList());
  }

  @Test
  void a_line_that_is_not_in_the_notation_is_refused() {
    LayoutReader.of("```layout X\nu8     ver            1\n```");
    for (String line : List.of("u8     ver            one", "u24    ver", "bytes  a              half of it",
        "list   a              n * 16", "tbs ends")) {
      assertThrows(IllegalArgumentException.class, () -> LayoutReader.of("```layout X\n" + line + "\n```"), line);
    }
  }

  @Test
  void every_published_record_is_what_its_layout_says() throws IOException {
    Map<String, Integer> read = new TreeMap<>();
    int hashes = 0;
    for (PublishedRecord published : PublishedRecord.positive()) {
      var found = layouts.read(published.record(), published.bytes());
      var layout = assertInstanceOf(Reading.Read.class, found, published.name() + ": " + found);
      LayoutReader.Layout value = (LayoutReader.Layout) layout.value();
      assertEquals(published.fields(), value.fields(), published.name());
      read.merge(published.record(), 1, Integer::sum);
      hashes += hashed(published, value);
    }
    assertEquals(RECORDS.stream().sorted().toList(), List.copyOf(read.keySet()));
    assertTrue(read.values().stream().allMatch(count -> count >= 3), read.toString());
    assertTrue(hashes > 0, "records with a hash");
    IO.println("shown: layouts records=" + read + " hashes=" + hashes);
  }

  /// What the layouts say is all that a reader finds, but for what the text says about fields together.
  @Test
  void a_published_fault_of_a_layout_is_the_one_that_the_layout_gives() throws IOException {
    Set<Fault> together = EnumSet.of(Fault.CONTRADICTION, Fault.WRONG_LENGTH);
    Set<Fault> layout = EnumSet.of(Fault.TRUNCATED, Fault.TRAILING_BYTES, Fault.UNKNOWN_VERSION, Fault.UNKNOWN_SUITE,
        Fault.UNKNOWN_VALUE, Fault.OUT_OF_RANGE, Fault.MALFORMED_POINT, Fault.UNSORTED, Fault.WEAK_KDF);
    int agreed = 0;
    int faults = 0;
    for (PublishedRecord published : PublishedRecord.negative()) {
      var found = layouts.read(published.record(), published.bytes());
      if (found instanceof Reading.Unreadable<?>(Fault fault)) {
        assertTrue(fault == published.fault() || together.contains(published.fault()),
            published.name() + ": " + fault + " by the layout, " + published.fault() + " published");
        faults++;
        agreed += fault == published.fault() ? 1 : 0;
      } else {
        assertTrue(!layout.contains(published.fault()) || ofReceipt(published),
            published.name() + ": " + published.fault());
      }
    }
    assertTrue(faults > 1000, "faults=" + faults);
    IO.println("shown: layouts faults=" + faults + " agreed=" + agreed);
  }

  /// The number in the body of a receipt is described in words, not in a layout.
  private static boolean ofReceipt(PublishedRecord published) {
    return published.record().equals("Envelope") && published.bytes().byteAt(1) == 4
        && published.fault() == Fault.OUT_OF_RANGE;
  }

  private static int hashed(PublishedRecord published, LayoutReader.Layout layout) {
    Map<String, String> labels = HASH.matcher(document).results()
        .collect(java.util.stream.Collectors.toMap(hash -> hash.group(1), (MatchResult hash) -> hash.group(2)));
    int count = 0;
    for (Map.Entry<String, String> label : labels.entrySet()) {
      String expected = published.others().get(label.getKey());
      Integer tbs = layout.parts().get("tbs");
      if (expected != null && tbs != null) {
        assertEquals(expected, sha256(label.getValue(), published.bytes().substring(0, tbs)), published.name());
        count++;
      }
    }
    return count;
  }

  private static String sha256(String label, ByteString bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((byte) label.length());
      digest.update(label.getBytes(StandardCharsets.US_ASCII));
      digest.update(bytes.toByteArray());
      return HexFormat.of().formatHex(digest.digest());
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
