// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class EnvelopeTest {
  private static final int SEQ = 86;
  private static final int PREV = 94;
  private static final int TTL = 126;

  static Stream<Envelope> records() {
    return Stream.of(Samples.content(256), Samples.content(288), Samples.content(Padding.MESSAGE_MAX),
        Samples.tombstone(), Samples.ephemeral(), Samples.receipt(0), Samples.receipt(Samples.U64), new Envelope(
            Samples.header(MessageType.CONTENT, 1, Samples.U32), Samples.filled(336, 1), Samples.signature(2)));
  }

  @ParameterizedTest
  @MethodSource("records")
  void an_envelope_is_read_as_it_was_written(Envelope envelope) {
    assertEquals(new Reading.Read<>(envelope), Envelope.read(envelope.bytes()));
  }

  @Test
  void a_later_message_may_name_none_before_it() {
    ByteString good = Samples.content(256).bytes();
    ByteString unlinked = good.substring(0, PREV).concat(Samples.filled(32, 0)).concat(good.substring(PREV + 32));
    assertEquals(unlinked, ((Reading.Read<Envelope>) Envelope.read(unlinked)).value().bytes());
  }

  @Test
  void the_smallest_message_has_530_bytes() {
    assertEquals(530, Samples.content(256).bytes().size());
    assertEquals(Envelope.BYTES_MAX, Samples.content(Padding.MESSAGE_MAX).bytes().size());
    assertEquals(MessageHeader.BYTES, Samples.content(256).header().bytes().size());
  }

  @TestFactory
  Stream<DynamicTest> an_envelope_with_a_fault_is_refused_by_the_first() {
    ByteString good = Samples.content(256).bytes();
    return new Spoilt(good, Envelope::read).with("version 2", Fault.UNKNOWN_VERSION, 0, "02")
        .with("type 0", Fault.UNKNOWN_VALUE, 1, "00").with("type 5", Fault.UNKNOWN_VALUE, 1, "05")
        .with("epoch 0", Fault.OUT_OF_RANGE, 34, "00000000")
        .with("seq 2^53", Fault.OUT_OF_RANGE, SEQ, "0020000000000000")
        .with("seq 0", Fault.CONTRADICTION, SEQ, "00".repeat(8))
        .with("the first, behind another", Fault.CONTRADICTION, SEQ, "0000000000000001").cutShort(130 + 64)
        .whole("a byte less", Fault.WRONG_LENGTH, good.substring(0, good.size() - 1))
        .whole("a byte more", Fault.WRONG_LENGTH, good.concat(Samples.filled(1, 0)))
        .whole("no body", Fault.WRONG_LENGTH, good.substring(0, 130 + 64))
        .whole("a size that is no Padmé size", Fault.WRONG_LENGTH, sized(good, 257))
        .whole("a size below the least", Fault.WRONG_LENGTH, sized(good, 240))
        .whole("a size above the greatest", Fault.WRONG_LENGTH, sized(good, Padding.size(Padding.MESSAGE_MAX + 1)))
        .tests();
  }

  @TestFactory
  Stream<DynamicTest> fields_that_exclude_each_other_are_refused() {
    ByteString tombstone = Samples.tombstone().bytes();
    ByteString ephemeral = Samples.ephemeral().bytes();
    ByteString receipt = Samples.receipt(9).bytes();
    return Stream
        .of(new Spoilt(tombstone, Envelope::read).with("a tombstone's end", Fault.CONTRADICTION, TTL, "00000001"),
            new Spoilt(tombstone, Envelope::read).with("not counted", Fault.CONTRADICTION, SEQ, "00".repeat(8)),
            new Spoilt(tombstone, Envelope::read).whole("of 17", Fault.WRONG_LENGTH,
                tombstone.substring(0, 130).concat(Samples.filled(17 + 64, 1))),
            new Spoilt(ephemeral, Envelope::read).with("counted", Fault.CONTRADICTION, SEQ + 7, "01"),
            new Spoilt(ephemeral, Envelope::read).with("behind something", Fault.CONTRADICTION, PREV + 31, "01"),
            new Spoilt(receipt, Envelope::read).with("a receipt's end", Fault.CONTRADICTION, TTL, "00000001"),
            new Spoilt(receipt, Envelope::read).with("place 2^53", Fault.OUT_OF_RANGE, 130, "0020000000000000"),
            new Spoilt(receipt, Envelope::read).with("place 2^63", Fault.OUT_OF_RANGE, 130, "8000000000000000"),
            new Spoilt(receipt, Envelope::read).whole("of 7", Fault.WRONG_LENGTH,
                receipt.substring(0, 130).concat(Samples.filled(7 + 64, 0))))
        .flatMap(Spoilt::tests);
  }

  @Test
  void what_a_reader_would_refuse_cannot_be_made() {
    AccountRecordTest.refused(Fault.CONTRADICTION, () -> Samples.header(MessageType.RECEIPT, 1, 0));
    AccountRecordTest.refused(Fault.OUT_OF_RANGE, () -> Samples.header(MessageType.CONTENT, 1, 1L << 32));
    AccountRecordTest.refused(Fault.OUT_OF_RANGE, () -> Samples.receipt(1L << 53));
    AccountRecordTest.refused(Fault.WRONG_LENGTH, () -> Samples.content(257));
  }

  @Test
  void tombstones_and_receipts_tell_what_they_are_about() {
    assertEquals(Samples.filled(16, 0x53), Samples.tombstone().target().bytes());
    assertEquals(Samples.U64, Samples.receipt(Samples.U64).readUpTo());
    assertEquals(Samples.hash(0x51), Samples.content(256).commitment());
    assertThrows(IllegalStateException.class, () -> Samples.content(256).target());
    assertThrows(IllegalStateException.class, () -> Samples.content(256).readUpTo());
    assertThrows(IllegalStateException.class, () -> Samples.tombstone().commitment());
  }

  @Test
  void a_message_is_named_by_its_header_and_the_beginning_of_its_body_and_never_by_its_signature() {
    Envelope message = Samples.content(256);
    byte[] bytes = message.bytes().toByteArray();
    for (int at = 2; at < bytes.length; at++) {
      bytes[at] ^= 0x10;
      if (Envelope.read(ByteString.copyFrom(bytes)) instanceof Reading.Read<Envelope>(Envelope other)) {
        if (at < 130 + 64) {
          assertNotEquals(message.hash(), other.hash(), "at " + at);
        } else {
          assertEquals(message.hash(), other.hash(), "at " + at);
        }
      }
      bytes[at] ^= 0x10;
    }
    Envelope tombstone = Samples.tombstone();
    assertNotEquals(tombstone.hash(),
        new Envelope(tombstone.header(), Samples.filled(16, 0x52), tombstone.signature()).hash());
  }

  private static ByteString sized(ByteString good, int padded) {
    return good.substring(0, 130).concat(Samples.filled(80 + padded + 64, 1));
  }
}
