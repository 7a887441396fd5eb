// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SelfBlobTest {
  @ParameterizedTest
  @ValueSource(ints = {256, 1024, 262_144})
  void a_blob_is_read_as_it_was_written(int padded) {
    SelfBlob blob = Samples.self(padded);
    assertEquals(new Reading.Read<>(blob), SelfBlob.read(blob.bytes()));
    assertEquals(10 + 113 + 80 + padded + 64, blob.bytes().size());
  }

  @TestFactory
  Stream<DynamicTest> a_blob_with_a_fault_is_refused_by_the_first() {
    ByteString good = Samples.self(256).bytes();
    return new Spoilt(good, SelfBlob::read).with("version 2", Fault.UNKNOWN_VERSION, 0, "02")
        .with("kind 0", Fault.UNKNOWN_VALUE, 1, "00").with("kind 5", Fault.UNKNOWN_VALUE, 1, "05")
        .with("counter 0", Fault.OUT_OF_RANGE, 2, "00".repeat(8))
        .with("counter 2^53", Fault.OUT_OF_RANGE, 2, "0020000000000000").cutShort(123 + 64)
        .whole("a byte more", Fault.WRONG_LENGTH, good.concat(Samples.filled(1, 0)))
        .whole("a byte less", Fault.WRONG_LENGTH, good.substring(1).substring(0, 0).concat(good.substring(0, 522)))
        .whole("above the greatest", Fault.WRONG_LENGTH,
            good.substring(0, 123).concat(Samples.filled(80 + Padding.size(262_145) + 64, 0)))
        .tests();
  }

  @Test
  void what_a_reader_would_refuse_cannot_be_made() {
    AccountRecordTest.refused(Fault.WRONG_LENGTH, () -> Samples.self(255));
    AccountRecordTest.refused(Fault.WRONG_LENGTH,
        () -> new SelfBlob(SelfKind.HEADS, 1, Samples.filled(112, 1), Samples.filled(336, 1), Samples.signature(1)));
    AccountRecordTest.refused(Fault.OUT_OF_RANGE,
        () -> new SelfBlob(SelfKind.HEADS, 0, Samples.filled(113, 1), Samples.filled(336, 1), Samples.signature(1)));
  }
}
