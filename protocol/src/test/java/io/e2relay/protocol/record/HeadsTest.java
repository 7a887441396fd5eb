// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Epoch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HeadsTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 300, Heads.COUNT_MAX})
  void a_list_of_heads_is_read_as_it_was_written(int count) {
    Heads heads = Samples.heads(count);
    assertEquals(new Reading.Read<>(heads), Heads.read(heads.bytes()));
    assertEquals(3 + 68 * count, heads.bytes().size());
  }

  @Test
  void as_many_as_are_allowed_fit_into_the_largest_blob_and_one_more_does_not() {
    int longest = Padding.LENGTH_BYTES + Samples.heads(Heads.COUNT_MAX).bytes().size();
    assertTrue(longest <= Padding.SELF_MAX && longest + Head.BYTES > Padding.SELF_MAX, "bytes=" + longest);
  }

  @Test
  void the_layout_of_the_document_reads_the_same() throws IOException {
    LayoutReader layouts = LayoutReader.of(Files.readString(Path.of("..", "docs", "PROTOCOL.md")));
    ByteString bytes = Samples.heads(2).bytes();
    var read = assertInstanceOf(Reading.Read.class, layouts.read("Heads", bytes));
    assertEquals(
        Map.of("ver", 1L, "n", 2L, "heads",
            List.of(Map.of("conv_id", "c0".repeat(30) + "0000", "epoch", 1L, "epoch_hash", "e0".repeat(32)),
                Map.of("conv_id", "c0".repeat(30) + "0001", "epoch", 2L, "epoch_hash", "e0".repeat(32)))),
        ((LayoutReader.Layout) read.value()).fields());
    assertEquals(new Reading.Unreadable<>(Fault.UNSORTED), layouts.read("Heads", unsorted()));
    assertEquals(new Reading.Unreadable<>(Fault.OUT_OF_RANGE), layouts.read("Heads", ByteString.fromHex("010f0f")));
  }

  @TestFactory
  Stream<DynamicTest> a_list_with_a_fault_is_refused_by_the_first() {
    ByteString good = Samples.heads(2).bytes();
    return new Spoilt(good, Heads::read).with("version 2", Fault.UNKNOWN_VERSION, 0, "02")
        .with("3,855 heads", Fault.OUT_OF_RANGE, 1, "0f0f").with("epoch 0", Fault.OUT_OF_RANGE, 35, "00000000")
        .cutShort(good.size()).trailing().whole("in another order", Fault.UNSORTED, unsorted())
        .whole("one twice", Fault.UNSORTED, good.substring(0, 3 + 68).concat(good.substring(3, 3 + 68))).tests();
  }

  @Test
  void what_a_reader_would_refuse_cannot_be_made() {
    List<Head> two = Samples.heads(2).heads();
    AccountRecordTest.refused(Fault.UNSORTED, () -> new Heads(two.reversed()));
    AccountRecordTest.refused(Fault.OUT_OF_RANGE, () -> Samples.heads(Heads.COUNT_MAX + 1));
    AccountRecordTest.refused(Fault.OUT_OF_RANGE,
        () -> new Head(two.getFirst().conversation(), new Epoch(Samples.U32 + 1), Samples.hash(1)));
  }

  private static ByteString unsorted() {
    ByteString good = Samples.heads(2).bytes();
    return good.substring(0, 3).concat(good.substring(3 + 68)).concat(good.substring(3, 3 + 68));
  }
}
