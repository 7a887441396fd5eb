// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Padding;
import io.e2relay.protocol.record.Reading;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FileSealingTest {
  private static final int MEBIBYTE = 1_048_576;
  // What fits into the first segment, and into each that follows.
  private static final int FIRST = MEBIBYTE - 40 - 16;
  private static final int NEXT = MEBIBYTE - 16;
  private static final SymmetricKey KEY = SymmetricKey.generate();
  private static final FileSealing.Place PLACE = new FileSealing.Place(new ConversationId(times(0xc0, 32)),
      new Epoch(7));

  /// A file on both sides.
  private static final class Sealed {
    private final FileDescriptor descriptor;
    private final byte[] plain;
    private final byte[] bytes;

    private Sealed(FileDescriptor descriptor, byte[] plain, byte[] bytes) {
      this.descriptor = descriptor;
      this.plain = plain;
      this.bytes = bytes;
    }

    static Sealed of(int size) {
      byte[] plain = new byte[size];
      new Random(size).nextBytes(plain);
      ByteArrayOutputStream sealed = new ByteArrayOutputStream();
      FileDescriptor descriptor = FileSealing.seal(KEY, PLACE, "name.txt", "text/plain",
          new ByteArrayInputStream(plain), sealed);
      return new Sealed(descriptor, plain, sealed.toByteArray());
    }

    Reading<FileDescriptor> open(byte[] other) {
      return open(descriptor, other);
    }

    static Reading<FileDescriptor> open(FileDescriptor descriptor, byte[] bytes) {
      return FileSealing.open(KEY, PLACE, descriptor, new ByteArrayInputStream(bytes), OutputStream.nullOutputStream());
    }

    /// The bytes from one mebibyte on, up to another.
    byte[] mebibytes(int from, int to) {
      return Arrays.copyOfRange(bytes, from * MEBIBYTE, Math.min(bytes.length, to * MEBIBYTE));
    }
  }

  @Test
  void a_file_of_any_size_comes_back_and_has_the_size_of_its_padding() {
    for (int size : new int[]{0, 1, 255, 256, 257, 100_000, FIRST - 1, FIRST, FIRST + 1, FIRST + NEXT, 3 * MEBIBYTE}) {
      Sealed sealed = Sealed.of(size);
      ByteArrayOutputStream opened = new ByteArrayOutputStream();
      FileDescriptor descriptor = sealed.descriptor;
      assertEquals(descriptor,
          value(FileSealing.open(KEY, PLACE, descriptor, new ByteArrayInputStream(sealed.bytes), opened)));
      assertArrayEquals(sealed.plain, opened.toByteArray());
      assertEquals(size, descriptor.size());
      long padded = Padding.size((long) size);
      long segments = 1 + Math.max(0, (padded - FIRST + NEXT - 1) / NEXT);
      assertEquals(40 + padded + 16 * segments, descriptor.sealedSize());
      assertEquals(descriptor.sealedSize(), sealed.bytes.length);
    }
  }

  @Test
  void a_stream_that_gives_little_at_a_time_makes_no_difference() {
    byte[] plain = new byte[FIRST + 5];
    ByteArrayOutputStream sealed = new ByteArrayOutputStream();
    FileDescriptor descriptor = FileSealing.seal(KEY, PLACE, "", "", trickle(plain), sealed);
    ByteArrayOutputStream opened = new ByteArrayOutputStream();
    value(FileSealing.open(KEY, PLACE, descriptor, trickle(sealed.toByteArray()), opened));
    assertArrayEquals(plain, opened.toByteArray());
  }

  @Test
  void segments_in_another_order_missing_doubled_or_cut_do_not_open() throws IOException {
    Sealed sealed = Sealed.of(4 * MEBIBYTE);
    assertEquals(sealed.descriptor, value(sealed.open(sealed.bytes)));
    byte[] swapped = join(sealed.mebibytes(0, 1), sealed.mebibytes(2, 3), sealed.mebibytes(1, 2),
        sealed.mebibytes(3, 9));
    byte[] missing = join(sealed.mebibytes(0, 1), sealed.mebibytes(2, 9));
    byte[] doubled = join(sealed.mebibytes(0, 2), sealed.mebibytes(1, 9));
    byte[] twiceLast = join(sealed.bytes, sealed.mebibytes(4, 9));
    byte[] cutAtSegment = sealed.mebibytes(0, 4);
    byte[] cutInside = Arrays.copyOf(sealed.bytes, sealed.bytes.length - 1);
    byte[] longer = join(sealed.bytes, new byte[1]);
    for (byte[] other : new byte[][]{swapped, missing, doubled, twiceLast, cutAtSegment, cutInside, longer}) {
      assertUnreadable(Fault.CANNOT_OPEN, sealed.open(other));
    }
    IO.println("shown: file-damage segments=5 changes=7 faults=CANNOT_OPEN");
  }

  @Test
  void one_bit_turned_anywhere_does_not_open() {
    Sealed sealed = Sealed.of(300);
    assertEquals(sealed.descriptor, value(sealed.open(sealed.bytes)));
    for (int at = 0; at < sealed.bytes.length; at++) {
      byte[] other = sealed.bytes.clone();
      other[at] ^= 1;
      assertUnreadable(Fault.CANNOT_OPEN, sealed.open(other));
      assertUnreadable(Fault.CANNOT_OPEN, sealed.open(Arrays.copyOf(sealed.bytes, at)));
    }
  }

  @Test
  void a_file_of_another_place_key_or_id_does_not_open() {
    Sealed sealed = Sealed.of(1000);
    Sealed other = Sealed.of(1000);
    assertEquals(sealed.descriptor, value(sealed.open(sealed.bytes)));
    assertUnreadable(Fault.CANNOT_OPEN, sealed.open(other.bytes));
    InputStream input = new ByteArrayInputStream(sealed.bytes);
    for (FileSealing.Place place : new FileSealing.Place[]{
        new FileSealing.Place(PLACE.conversation(), PLACE.epoch().next()),
        new FileSealing.Place(new ConversationId(times(0xc1, 32)), PLACE.epoch())}) {
      assertUnreadable(Fault.CANNOT_OPEN,
          FileSealing.open(KEY, place, sealed.descriptor, input, OutputStream.nullOutputStream()));
    }
    assertUnreadable(Fault.CANNOT_OPEN,
        FileSealing.open(SymmetricKey.generate(), PLACE, sealed.descriptor, input, OutputStream.nullOutputStream()));
  }

  @Test
  void a_file_other_than_the_one_described_is_a_wrong_root() {
    Sealed sealed = Sealed.of(2 * MEBIBYTE);
    FileDescriptor real = sealed.descriptor;
    assertEquals(real, value(Sealed.open(real, sealed.bytes)));
    Hash otherRoot = new Hash(times(0x33, 32));
    assertUnreadable(Fault.WRONG_ROOT,
        Sealed.open(with(real, real.size(), real.sealedSize(), otherRoot), sealed.bytes));
    for (long size : new long[]{0, MEBIBYTE, real.sealedSize() - 1, real.sealedSize() + 1}) {
      assertUnreadable(Fault.WRONG_ROOT, Sealed.open(with(real, real.size(), size, real.root()), sealed.bytes));
    }
  }

  @Test
  void a_file_with_another_padding_than_described_is_bad_padding() {
    Sealed sealed = Sealed.of(1000);
    FileDescriptor real = sealed.descriptor;
    assertEquals(real, value(Sealed.open(real, sealed.bytes)));
    // Nearer the beginning there is content where there should be zeros; nearer the end, another size.
    for (long size : new long[]{0, 999, 100_000, (1L << 53) - 1}) {
      assertUnreadable(Fault.BAD_PADDING, Sealed.open(with(real, size, real.sealedSize(), real.root()), sealed.bytes));
    }
  }

  @Test
  void the_last_part_is_kept_back_until_all_is_verified() {
    Sealed sealed = Sealed.of(FIRST + 1000);
    FileDescriptor real = sealed.descriptor;
    assertEquals(real.size(), written(real, sealed.bytes));
    assertEquals(FIRST, written(with(real, real.size(), real.sealedSize(), new Hash(times(0x33, 32))), sealed.bytes));
    // Of a file that ends in its first segment, all that follows is padding.
    Sealed small = Sealed.of(1000);
    assertEquals(0,
        written(with(small.descriptor, 999, small.descriptor.sealedSize(), small.descriptor.root()), small.bytes));
  }

  private static long written(FileDescriptor descriptor, byte[] sealed) {
    ByteArrayOutputStream opened = new ByteArrayOutputStream();
    FileSealing.open(KEY, PLACE, descriptor, new ByteArrayInputStream(sealed), opened);
    return opened.size();
  }

  @Test
  void a_stream_without_an_end_is_left_soon() {
    Sealed sealed = Sealed.of(1000);
    Endless endless = new Endless(sealed.bytes);
    assertUnreadable(Fault.CANNOT_OPEN,
        FileSealing.open(KEY, PLACE, sealed.descriptor, endless, OutputStream.nullOutputStream()));
    assertTrue(endless.read <= MEBIBYTE + 1);
  }

  @Test
  void a_stream_that_fails_ends_in_an_exception() throws IOException {
    InputStream broken = InputStream.nullInputStream();
    broken.close();
    FileDescriptor descriptor = Sealed.of(1).descriptor;
    OutputStream nowhere = OutputStream.nullOutputStream();
    assertThrows(UncheckedIOException.class, () -> FileSealing.seal(KEY, PLACE, "", "", broken, nowhere));
    assertThrows(UncheckedIOException.class, () -> FileSealing.open(KEY, PLACE, descriptor, broken, nowhere));
  }

  /// Goes on with zeros for ever.
  private static final class Endless extends InputStream {
    private final byte[] bytes;
    private int read;

    Endless(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read() {
      read++;
      return read <= bytes.length ? bytes[read - 1] & 0xff : 0;
    }

    @Override
    public int read(byte[] into, int from, int length) {
      for (int i = 0; i < length; i++) {
        into[from + i] = (byte) read();
      }
      return length;
    }
  }

  private static FileDescriptor with(FileDescriptor descriptor, long size, long sealedSize, Hash root) {
    return new FileDescriptor(descriptor.id(), descriptor.wrappedKey(), size, sealedSize, root, ByteString.EMPTY,
        ByteString.EMPTY);
  }

  private static byte[] join(byte[]... parts) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.write(part);
    }
    return all.toByteArray();
  }

  private static InputStream trickle(byte[] bytes) {
    return new FilterInputStream(new ByteArrayInputStream(bytes)) {
      @Override
      public int read(byte[] into, int from, int length) throws IOException {
        return super.read(into, from, Math.min(length, 997));
      }
    };
  }
}
