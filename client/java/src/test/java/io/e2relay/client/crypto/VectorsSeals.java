// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.ascii;
import static io.e2relay.client.crypto.VectorsCase.filled;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Padding;
import io.e2relay.protocol.record.Reading;
import java.nio.charset.StandardCharsets;

/// seal.json and padding.json.
final class VectorsSeals {
  private static final ByteString KEY = filled(0x11, 32);
  private static final ByteString CONTEXT = filled(0xc0, 32);
  private static final ByteString SALT = filled(0x5a, 32);

  private VectorsSeals() {
  }

  static VectorsFile seals() {
    VectorsFile file = new VectorsFile("seal");
    int salt = 1;
    for (Sealing.Label label : Sealing.Label.values()) {
      sealed(file, label, CONTEXT, ascii("sealed for " + label), filled(salt++, 32));
    }
    sealed(file, Sealing.Label.MESSAGE, ByteString.EMPTY, ByteString.EMPTY, SALT);
    sealed(file, Sealing.Label.MESSAGE, filled(0xc1, 200), filled(7, 1), filled(0, 32));
    sealed(file, Sealing.Label.FILE_KEY, CONTEXT, filled(0xfe, 32), filled(0xff, 32));
    large(file, 65_536);
    large(file, 262_144);
    faults(file);
    VectorsCrypto.Sealed typical = typical();
    file.altered(described("typical", "e2r/1/msg", KEY, CONTEXT).with("bytes", typical.out()), typical.out(),
        bytes -> outcome(Sealing.Label.MESSAGE, KEY, CONTEXT, bytes));
    return file;
  }

  private static VectorsCrypto.Sealed typical() {
    return VectorsCrypto.seal(KEY, "e2r/1/msg", CONTEXT, ascii("hello"), SALT);
  }

  static String name(Sealing.Label label) {
    return label.bytes().substring(1).toString(StandardCharsets.US_ASCII);
  }

  private static VectorsCase described(String name, String label, ByteString key, ByteString context) {
    return VectorsCase.named(name).with("key", key).with("label", label).with("context", context);
  }

  private static void sealed(VectorsFile file, Sealing.Label label, ByteString context, ByteString plain,
      ByteString salt) {
    VectorsCrypto.Sealed sealed = made(label, context, plain, salt);
    file.positive(
        described(name(label) + ", " + plain.size() + " bytes", name(label), KEY, context).with("plaintext", plain)
            .with("salt", salt).with("mk", sealed.mk()).with("com", sealed.com()).with("sealed", sealed.out()));
  }

  private static void large(VectorsFile file, int size) {
    VectorsCrypto.Sealed sealed = made(Sealing.Label.MESSAGE, CONTEXT, filled(0x61, size), SALT);
    file.positive(described(size + " bytes", "e2r/1/msg", KEY, CONTEXT).repeated("plaintext", filled(0x61, 1), size)
        .with("salt", SALT).with("mk", sealed.mk()).with("com", sealed.com()).hashed("sealed", sealed.out()));
  }

  private static VectorsCrypto.Sealed made(Sealing.Label label, ByteString context, ByteString plain, ByteString salt) {
    VectorsCrypto.Sealed sealed = VectorsCrypto.seal(KEY, name(label), context, plain, salt);
    same(sealed.out(), Sealing.seal(VectorsGiven.bytes(salt), SymmetricKey.of(KEY), label, context, plain));
    same(plain, VectorsAccounts.value(outcome(label, KEY, context, sealed.out())));
    same(sealed.mk(), Sealing.onceKey(SymmetricKey.of(KEY), label, context, salt));
    return sealed;
  }

  static void same(ByteString expected, ByteString actual) {
    if (!expected.equals(actual)) {
      throw new AssertionError(VectorsCase.hex(actual) + ", not " + VectorsCase.hex(expected));
    }
  }

  static Reading<ByteString> outcome(Sealing.Label label, ByteString key, ByteString context, ByteString sealed) {
    return switch (SymmetricKey.read(key)) {
      case Reading.Read<SymmetricKey>(SymmetricKey read) -> Sealing.open(read, label, context, sealed);
      case Reading.Unreadable<SymmetricKey>(Fault fault) -> new Reading.Unreadable<>(fault);
    };
  }

  private static void faults(VectorsFile file) {
    ByteString sealed = typical().out();
    refused(file, "another key", Sealing.Label.MESSAGE, filled(0x12, 32), CONTEXT, sealed);
    refused(file, "another context", Sealing.Label.MESSAGE, KEY, filled(0xc1, 32), sealed);
    refused(file, "shorter context", Sealing.Label.MESSAGE, KEY, CONTEXT.substring(1), sealed);
    refused(file, "longer context", Sealing.Label.MESSAGE, KEY, CONTEXT.concat(filled(0, 1)), sealed);
    for (Sealing.Label label : Sealing.Label.values()) {
      if (label != Sealing.Label.MESSAGE) {
        refused(file, "label " + name(label), label, KEY, CONTEXT, sealed);
      }
    }
    refused(file, "a byte behind", Sealing.Label.MESSAGE, KEY, CONTEXT, sealed.concat(filled(0, 1)));
    ByteString other = VectorsCrypto.seal(KEY, "e2r/1/msg", CONTEXT, ascii("hallo"), filled(0x5b, 32)).out();
    refused(file, "commitment of another", Sealing.Label.MESSAGE, KEY, CONTEXT,
        sealed.substring(0, 32).concat(other.substring(32, 64)).concat(sealed.substring(64)));
    refused(file, "salt of another", Sealing.Label.MESSAGE, KEY, CONTEXT,
        other.substring(0, 32).concat(sealed.substring(32)));
    refused(file, "salt and commitment of another", Sealing.Label.MESSAGE, KEY, CONTEXT,
        other.substring(0, 64).concat(sealed.substring(64)));
    refused(file, "ciphertext of another", Sealing.Label.MESSAGE, KEY, CONTEXT,
        sealed.substring(0, 64).concat(other.substring(64)));
    refused(file, "no bytes", Sealing.Label.MESSAGE, KEY, CONTEXT, ByteString.EMPTY);
    ByteString zeros = filled(0, 32);
    refused(file, "key of zeros", Sealing.Label.MESSAGE, zeros, CONTEXT,
        VectorsCrypto.seal(zeros, "e2r/1/msg", CONTEXT, ascii("hello"), SALT).out());
    // Where the commitment is left out of what is authenticated, or not compared at all, this opens.
    ByteString lax = lax();
    refused(file, "commitment of zeros, authenticated", Sealing.Label.MESSAGE, KEY, CONTEXT, lax);
  }

  private static ByteString lax() {
    ByteString mk = VectorsCrypto.hkdf(KEY, SALT, VectorsCase.label("e2r/1/msg").concat(CONTEXT), 32);
    ByteString parts = VectorsCrypto.hkdf(mk, ByteString.EMPTY, VectorsCase.label("e2r/1/aead"), 76);
    ByteString head = SALT.concat(filled(0, 32));
    return head
        .concat(VectorsCrypto.gcm(parts.substring(32, 64), parts.substring(64), CONTEXT.concat(head), ascii("hello")));
  }

  private static void refused(VectorsFile file, String name, Sealing.Label label, ByteString key, ByteString context,
      ByteString sealed) {
    file.negative(described(name, name(label), key, context).with("sealed", sealed), Fault.CANNOT_OPEN,
        outcome(label, key, context, sealed));
  }

  static VectorsFile padding() {
    VectorsFile file = new VectorsFile("padding");
    for (int size : new int[]{0, 1, 4, 251, 252, 253, 255, 256, 257, 264, 265, 508, 509, 512, 513, 1000, 1023, 1024,
        1025, 4093, 10_000, 65_000, 65_532}) {
      ByteString padded = PaddedContent.pad(filled(0x61, size), Padding.MESSAGE_MAX);
      same(VectorsCrypto.padded(filled(0x61, size)), padded);
      same(filled(0x61, size), VectorsAccounts.value(PaddedContent.unpad(padded)));
      file.positive(VectorsCase.named(size + " bytes").repeated("content", filled(0x61, 1), size)
          .with("padded_size", padded.size()).hashed("padded", padded));
    }
    ByteString good = VectorsCrypto.padded(filled(0x61, 100));
    unpadded(file, "a length of one more than there is room for", VectorsCase.number(4, 253).concat(filled(0, 252)));
    unpadded(file, "a length of 2^32 - 1", filled(0xff, 4).concat(filled(0, 252)));
    unpadded(file, "a length of 2^31", VectorsCase.number(4, 1L << 31).concat(filled(0, 252)));
    unpadded(file, "last byte of padding is 1", good.substring(0, 255).concat(filled(1, 1)));
    unpadded(file, "first byte of padding is 1", good.substring(0, 104).concat(filled(1, 1)).concat(filled(0, 151)));
    unpadded(file, "padded to more than need be", good.concat(filled(0, 256)));
    unpadded(file, "padded to a size of no class", good.concat(filled(0, 1)));
    unpadded(file, "not padded", good.substring(0, 104));
    unpadded(file, "shorter than the length", good.substring(0, 3));
    unpadded(file, "no bytes", ByteString.EMPTY);
    return file;
  }

  private static void unpadded(VectorsFile file, String name, ByteString padded) {
    file.negative(VectorsCase.named(name).with("padded", padded), Fault.BAD_PADDING, PaddedContent.unpad(padded));
  }
}
