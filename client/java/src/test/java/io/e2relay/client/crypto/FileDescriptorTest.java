// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import org.junit.jupiter.api.Test;

final class FileDescriptorTest {
  private static final FileDescriptor DESCRIPTOR = new FileDescriptor(new FileId(times(0xf1, 16)), times(0x5b, 112),
      1000, 1104, new Hash(times(0x33, 32)), ByteString.copyFromUtf8("Übersicht.pdf"),
      ByteString.copyFromUtf8("application/pdf"));
  private static final ByteString BYTES = DESCRIPTOR.bytes();

  @Test
  void a_descriptor_comes_back_from_its_bytes() {
    assertEquals(DESCRIPTOR, value(FileDescriptor.read(BYTES)));
    assertEquals("Übersicht.pdf", DESCRIPTOR.name());
    assertFalse(DESCRIPTOR.toString().contains("bersicht"));
  }

  @Test
  void a_descriptor_that_is_cut_or_continued_is_refused() {
    for (int length = 0; length < BYTES.size(); length++) {
      assertUnreadable(Fault.TRUNCATED, FileDescriptor.read(BYTES.substring(0, length)));
    }
    assertUnreadable(Fault.TRAILING_BYTES, FileDescriptor.read(BYTES.concat(times(0, 1))));
  }

  @Test
  void numbers_and_lengths_are_limited() {
    Joined head = new Joined().bytes(times(0xf1, 16)).bytes(times(0x5b, 112));
    ByteString fits = head.toByteString().concat(sizes((1L << 53) - 1, 0));
    assertEquals(1024, value(FileDescriptor.read(fits.concat(text(1024)).concat(text(256)))).nameUtf8().size());
    assertUnreadable(Fault.WRONG_LENGTH, FileDescriptor.read(fits.concat(text(1025)).concat(text(256))));
    assertUnreadable(Fault.WRONG_LENGTH, FileDescriptor.read(fits.concat(text(1024)).concat(text(257))));
    for (ByteString sizes : new ByteString[]{sizes(1L << 53, 0), sizes(0, 1L << 53)}) {
      assertUnreadable(Fault.OUT_OF_RANGE,
          FileDescriptor.read(head.toByteString().concat(sizes).concat(text(1)).concat(text(1))));
    }
    ByteString negative = head.toByteString().concat(times(0xff, 8)).concat(times(0, 44));
    assertUnreadable(Fault.OUT_OF_RANGE, FileDescriptor.read(negative));
  }

  @Test
  void a_name_that_is_no_text_is_read_and_written_as_it_is() {
    ByteString bytes = new Joined().bytes(times(0xf1, 16)).bytes(times(0x5b, 112)).toByteString().concat(sizes(1, 2))
        .concat(new Joined().u16(1024).bytes(times(0xff, 1024)).toByteString()).concat(text(0));
    assertEquals(bytes, value(FileDescriptor.read(bytes)).bytes());
    assertEquals("\uFFFD", value(FileDescriptor.read(bytes)).name().substring(0, 1));
  }

  @Test
  void what_a_reader_would_refuse_is_not_made() {
    assertThrows(IllegalArgumentException.class, () -> new FileDescriptor(DESCRIPTOR.id(), times(1, 111), 1, 1,
        DESCRIPTOR.root(), ByteString.EMPTY, ByteString.EMPTY));
    assertThrows(IllegalArgumentException.class, () -> new FileDescriptor(DESCRIPTOR.id(), times(1, 112), 1L << 53, 1,
        DESCRIPTOR.root(), ByteString.EMPTY, ByteString.EMPTY));
    assertThrows(IllegalArgumentException.class, () -> new FileDescriptor(DESCRIPTOR.id(), times(1, 112), 1, 1,
        DESCRIPTOR.root(), times(0x61, 1025), ByteString.EMPTY));
    assertThrows(IllegalArgumentException.class, () -> new FileId(times(1, 15)));
  }

  private static ByteString sizes(long size, long sealedSize) {
    return new Joined().u64(size).u64(sealedSize).bytes(times(0x33, 32)).toByteString();
  }

  private static ByteString text(int length) {
    return new Joined().u16(length).bytes(times(0x61, length)).toByteString();
  }
}
