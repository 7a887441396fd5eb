// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.filled;
import static io.e2relay.client.crypto.VectorsCase.label;
import static io.e2relay.client.crypto.VectorsCase.number;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Padding;
import io.e2relay.protocol.record.Reading;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// files.json: sealed files and their descriptors.
final class VectorsFiles {
  private static final int MEBIBYTE = 1_048_576;
  private static final ByteString KEY = filled(0x11, 32);
  private static final ByteString FILE_ID = filled(0xf1, 16);
  private static final ByteString FILE_KEY = filled(0xfe, 32);
  private static final ByteString KEY_SALT = filled(0x5b, 32);
  private static final ByteString SALT = filled(0x5e, 32);
  private static final ByteString PREFIX = filled(0x77, 7);
  private static final ConversationId CONVERSATION = new ConversationId(filled(0xc0, 32));
  private static final FileSealing.Place PLACE = new FileSealing.Place(CONVERSATION, new Epoch(7));

  private final VectorsFile file = new VectorsFile("files").given("key", KEY).given("conv_id", CONVERSATION.bytes())
      .given("epoch", 7).given("file_id", FILE_ID).given("fk", FILE_KEY).given("fkw_salt", KEY_SALT).given("salt", SALT)
      .given("prefix", PREFIX);

  /// A sealed file and what is told of it.
  private record Made(FileDescriptor descriptor, ByteString sealed) {
  }

  static VectorsFile file() {
    return new VectorsFiles().write();
  }

  private VectorsFile write() {
    for (int size : new int[]{0, 1, 255, 256, 257, 100_000, MEBIBYTE - 56 - 1, MEBIBYTE, 2 * MEBIBYTE + 1}) {
      positive(size);
    }
    descriptors();
    faults();
    Made small = made(filled(0x61, 100), "a", "b");
    file.altered(described("sealed", small).with("part", "sealed").with("bytes", small.sealed()), small.sealed(),
        sealed -> outcome(KEY, PLACE, small.descriptor().bytes(), sealed));
    ByteString told = small.descriptor().bytes();
    file.altered(
        VectorsCase.named("descriptor").with("part", "descriptor").with("record", "FileDescriptor")
            .with("sealed", small.sealed()).with("bytes", withoutText(told)),
        withoutText(told), descriptor -> outcome(KEY, PLACE, descriptor, small.sealed()));
    return file;
  }

  /// A name is not bound to anything but the message that it comes in; here it is left out.
  private static ByteString withoutText(ByteString descriptor) {
    return descriptor.substring(0, 176).concat(filled(0, 4));
  }

  private static Made made(ByteString plain, String name, String mime) {
    ByteArrayOutputStream sealed = new ByteArrayOutputStream();
    FileDescriptor descriptor = FileSealing.seal(VectorsGiven.bytes(FILE_ID, FILE_KEY, KEY_SALT, SALT, PREFIX),
        SymmetricKey.of(KEY), PLACE, name, mime, plain.newInput(), sealed);
    return new Made(descriptor, ByteString.copyFrom(sealed.toByteArray()));
  }

  private static VectorsCase described(String name, Made made) {
    return VectorsCase.named(name).with("descriptor", made.descriptor().bytes());
  }

  private void positive(int size) {
    ByteString plain = filled(0x61, size);
    Made made = made(plain, "holiday.jpg", "image/jpeg");
    if (size < MEBIBYTE / 2) {
      VectorsSeals.same(oneSegment(plain), made.sealed());
    }
    VectorsSeals.same(plain,
        (ByteString) VectorsAccounts.value(outcome(KEY, PLACE, made.descriptor().bytes(), made.sealed())));
    file.positive(VectorsCase.named(size + " bytes").with("record", "FileDescriptor")
        .repeated("data", filled(0x61, 1), size).hashed("sealed", made.sealed())
        .with("bytes", made.descriptor().bytes()).with("fields", fields(made.descriptor())));
  }

  /// Once more, as plainly as the document says it.
  private static ByteString oneSegment(ByteString plain) {
    ByteString info = label("e2r/1/file").concat(CONVERSATION.bytes()).concat(FILE_ID);
    ByteString key = VectorsCrypto.hkdf(FILE_KEY, SALT, info, 32);
    ByteString padded = plain.concat(filled(0, Padding.size(plain.size()) - plain.size()));
    return number(1, 40).concat(SALT).concat(PREFIX)
        .concat(VectorsCrypto.gcm(key, PREFIX.concat(number(4, 0)).concat(number(1, 1)), ByteString.EMPTY, padded));
  }

  static Map<String, Object> fields(FileDescriptor descriptor) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("file_id", VectorsCase.hex(descriptor.id().bytes()));
    fields.put("fkw", VectorsCase.hex(descriptor.wrappedKey()));
    fields.put("size", descriptor.size());
    fields.put("sealed_size", descriptor.sealedSize());
    fields.put("root", VectorsCase.hex(descriptor.root().bytes()));
    fields.put("name_length", (long) descriptor.nameUtf8().size());
    fields.put("name", VectorsCase.hex(descriptor.nameUtf8()));
    fields.put("mime_length", (long) descriptor.mimeUtf8().size());
    fields.put("mime", VectorsCase.hex(descriptor.mimeUtf8()));
    return fields;
  }

  private void descriptors() {
    ByteString good = made(filled(0x61, 100), "a", "b").descriptor().bytes();
    ByteString head = good.substring(0, 176);
    described("name of 1,025 bytes", head.concat(number(2, 1025)).concat(filled(0x61, 1025)).concat(number(2, 0)),
        Fault.WRONG_LENGTH);
    described("type of 257 bytes", head.concat(number(2, 0)).concat(number(2, 257)).concat(filled(0x61, 257)),
        Fault.WRONG_LENGTH);
    described("size 2^53", good.substring(0, 128).concat(number(8, 1L << 53)).concat(good.substring(136)),
        Fault.OUT_OF_RANGE);
    described("sealed size 2^53", good.substring(0, 136).concat(number(8, 1L << 53)).concat(good.substring(144)),
        Fault.OUT_OF_RANGE);
    described("a byte behind", good.concat(filled(0, 1)), Fault.TRAILING_BYTES);
    described("no bytes", ByteString.EMPTY, Fault.TRUNCATED);
  }

  private void described(String name, ByteString descriptor, Fault fault) {
    file.negative(VectorsCase.named(name).with("record", "FileDescriptor").with("bytes", descriptor), fault,
        FileDescriptor.read(descriptor));
  }

  private void faults() {
    Made small = made(filled(0x61, 100), "a", "b");
    refused("another key", Fault.CANNOT_OPEN, small, filled(0x12, 32), PLACE);
    refused("another conversation", Fault.CANNOT_OPEN, small, KEY,
        new FileSealing.Place(new ConversationId(filled(0xc1, 32)), new Epoch(7)));
    refused("another epoch", Fault.CANNOT_OPEN, small, KEY, new FileSealing.Place(CONVERSATION, new Epoch(8)));
    FileDescriptor d = small.descriptor();
    told("another root", Fault.WRONG_ROOT, small, with(d, d.size(), d.sealedSize(), new Hash(filled(9, 32))));
    told("a greater sealed size", Fault.WRONG_ROOT, small, with(d, d.size(), d.sealedSize() + 1, d.root()));
    told("a smaller sealed size", Fault.WRONG_ROOT, small, with(d, d.size(), d.sealedSize() - 1, d.root()));
    told("a smaller size", Fault.BAD_PADDING, small, with(d, 99, d.sealedSize(), d.root()));
    told("a size of another class", Fault.BAD_PADDING, small, with(d, 300, d.sealedSize(), d.root()));
    Made large = made(filled(0x61, 2 * MEBIBYTE + 1), "a", "b");
    for (List<Integer> order : List.of(List.of(1, 0, 2), List.of(0, 2, 1), List.of(0, 2), List.of(0, 1),
        List.of(0, 1, 1, 2), List.of(0, 1, 2, 2), List.of(1, 2), List.of(0))) {
      VectorsCase one = described("mebibytes " + order, large).with("of", 2 * MEBIBYTE + 1).with("mebibytes", order);
      file.negative(one.with("key", KEY).with("conv_id", CONVERSATION.bytes()).with("epoch", 7), Fault.CANNOT_OPEN,
          outcome(KEY, PLACE, large.descriptor().bytes(), reordered(large.sealed(), order)));
    }
  }

  private static FileDescriptor with(FileDescriptor d, long size, long sealedSize, Hash root) {
    return new FileDescriptor(d.id(), d.wrappedKey(), size, sealedSize, root, d.nameUtf8(), d.mimeUtf8());
  }

  private void told(String name, Fault fault, Made made, FileDescriptor told) {
    refused(name, fault, new Made(told, made.sealed()), KEY, PLACE);
  }

  private void refused(String name, Fault fault, Made made, ByteString key, FileSealing.Place place) {
    file.negative(
        described(name, made).with("sealed", made.sealed()).with("key", key)
            .with("conv_id", place.conversation().bytes()).with("epoch", place.epoch().value()),
        fault, outcome(key, place, made.descriptor().bytes(), made.sealed()));
  }

  private static ByteString reordered(ByteString sealed, List<Integer> order) {
    return order.stream().map(i -> sealed.substring(i * MEBIBYTE, Math.min(sealed.size(), (i + 1) * MEBIBYTE)))
        .reduce(ByteString.EMPTY, ByteString::concat);
  }

  static Reading<?> outcome(ByteString key, FileSealing.Place place, ByteString descriptor, ByteString sealed) {
    Reading<FileDescriptor> read = FileDescriptor.read(descriptor);
    if (!(read instanceof Reading.Read<FileDescriptor>(FileDescriptor told))) {
      return read;
    }
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    Reading<FileDescriptor> opened = FileSealing.open(SymmetricKey.of(key), place, told, sealed.newInput(), plain);
    return opened instanceof Reading.Read<FileDescriptor>
        ? new Reading.Read<>(ByteString.copyFrom(plain.toByteArray()))
        : opened;
  }
}
