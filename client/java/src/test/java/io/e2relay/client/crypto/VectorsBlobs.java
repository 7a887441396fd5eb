// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.ascii;
import static io.e2relay.client.crypto.VectorsCase.filled;
import static io.e2relay.client.crypto.VectorsCase.label;
import static io.e2relay.client.crypto.VectorsCase.number;
import static io.e2relay.client.crypto.VectorsCase.sha256;
import static io.e2relay.client.crypto.VectorsPerson.ALICE;
import static io.e2relay.client.crypto.VectorsPerson.TENANT;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Padding;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.SelfBlob;
import io.e2relay.protocol.record.SelfKind;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.Signatures;

/// self.json: what alice's devices tell each other.
final class VectorsBlobs {
  private static final VectorsKeys EPHEMERAL = VectorsKeys.of("ephemeral of a self blob");
  private static final ByteString KEY = filled(0x21, 32);
  private static final ByteString SALT = filled(0x5d, 32);
  private static final long REMEMBERED = 2;

  private final VectorsFile file = new VectorsFile("self").given("tenant", TENANT.bytes())
      .given("uid", ALICE.uid().bytes()).given("aek", ALICE.aek(1)).given("dsk", ALICE.dsk(1))
      .given("ephemeral", EPHEMERAL).given("key", KEY).given("salt", SALT).given("remembered", REMEMBERED);

  static VectorsFile file() {
    return new VectorsBlobs().write();
  }

  private VectorsFile write() {
    positive("heads", SelfKind.HEADS, 2, ascii("heads"));
    positive("verified contacts", SelfKind.VERIFIED, 3, ByteString.EMPTY);
    positive("labels", SelfKind.LABELS, 1L << 40, filled(0x61, 300));
    positive("settings, greatest counter", SelfKind.SETTINGS, (1L << 53) - 1, filled(0, 252));
    ByteString content = filled(0x61, Padding.SELF_MAX - 4);
    SelfBlob greatest = blob(SelfKind.LABELS, 5, VectorsCrypto.padded(content), KEY);
    VectorsSeals.same(content, (ByteString) VectorsAccounts.value(outcome(greatest.bytes())));
    file.positive(VectorsCase.named("as much as there can be").with("record", "SelfBlob").with("kind", 3)
        .with("counter", 5).repeated("content", filled(0x61, 1), content.size())
        .with("sig", greatest.signature().bytes()).hashed("bytes", greatest.bytes()));
    faults();
    ByteString typical = blob(SelfKind.HEADS, 2, VectorsCrypto.padded(ascii("heads")), KEY).bytes();
    file.altered(VectorsCase.named("heads").with("record", "SelfBlob").with("bytes", typical), typical,
        VectorsBlobs::outcome);
    return file;
  }

  private static ByteString whose() {
    return TENANT.bytes().concat(ALICE.uid().bytes());
  }

  private static ByteString context(SelfKind kind, long counter) {
    return whose().concat(number(1, 1)).concat(number(1, kind.number())).concat(number(8, counter));
  }

  private static ByteString wrap(SelfKind kind, long counter, ByteString key) {
    ByteString info = label("e2r/1/self-wrap").concat(whose()).concat(number(1, kind.number()))
        .concat(number(8, counter)).concat(sha256(ALICE.aek(1).pub()));
    return VectorsCrypto.wrap(ALICE.aek(1).pub(), info, ByteString.EMPTY, key, EPHEMERAL);
  }

  private static SelfBlob blob(SelfKind kind, long counter, ByteString padded, ByteString key) {
    ByteString wrap = wrap(kind, counter, key);
    ByteString sealed = VectorsCrypto.seal(KEY, "e2r/1/self", context(kind, counter), padded, SALT).out();
    return signed(kind, counter, wrap, sealed);
  }

  private static SelfBlob signed(SelfKind kind, long counter, ByteString wrap, ByteString sealed) {
    Signature signature = ALICE.dsk(1).sign("self", SelfBlob.tbs(kind, counter, wrap, sealed));
    return new SelfBlob(kind, counter, wrap, sealed, signature);
  }

  private void positive(String name, SelfKind kind, long counter, ByteString content) {
    SelfBlob blob = blob(kind, counter, VectorsCrypto.padded(content), KEY);
    VectorsSeals.same(content, (ByteString) VectorsAccounts.value(outcome(blob.bytes())));
    Wrapping.SelfWrap what = new Wrapping.SelfWrap(TENANT, ALICE.uid(), kind, counter);
    VectorsSeals.same(blob.wrap(),
        Wrapping.wrap(VectorsGiven.pair(EPHEMERAL), SymmetricKey.of(KEY), ALICE.aek(1).point(), what));
    VectorsSeals.same(blob.sealed(), Sealing.seal(VectorsGiven.bytes(SALT), SymmetricKey.of(KEY), Sealing.Label.SELF,
        context(kind, counter), PaddedContent.pad(content, Padding.SELF_MAX)));
    file.positive(
        VectorsCase.named(name).with("record", "SelfBlob").with("kind", kind.number()).with("counter", counter)
            .with("content", content).with("bytes", blob.bytes()).with("fields", VectorsFields.of(blob)));
  }

  private void refused(String name, ByteString bytes, Fault fault) {
    file.negative(VectorsCase.named(name).with("record", "SelfBlob").with("bytes", bytes), fault, outcome(bytes));
  }

  private void faults() {
    SelfBlob heads = blob(SelfKind.HEADS, 2, VectorsCrypto.padded(ascii("heads")), KEY);
    VectorsParts parts = VectorsParts.self(heads.bytes());
    refused("version 0", parts.with("ver", 0).joined(), Fault.UNKNOWN_VERSION);
    refused("version 2", parts.with("ver", 2).joined(), Fault.UNKNOWN_VERSION);
    refused("kind 0", parts.with("kind", 0).joined(), Fault.UNKNOWN_VALUE);
    refused("kind 5", parts.with("kind", 5).joined(), Fault.UNKNOWN_VALUE);
    refused("counter 0", parts.with("counter", 0).joined(), Fault.OUT_OF_RANGE);
    refused("counter 2^53", parts.with("counter", 1L << 53).joined(), Fault.OUT_OF_RANGE);
    refused("a byte behind", heads.bytes().concat(filled(0, 1)), Fault.WRONG_LENGTH);
    refused("nothing sealed", parts.with("sealed", ByteString.EMPTY).joined(), Fault.WRONG_LENGTH);
    refused("size of no class", parts.with("sealed", filled(0, 80 + 257)).joined(), Fault.WRONG_LENGTH);
    refused("no bytes", ByteString.EMPTY, Fault.TRUNCATED);
    refused("older than remembered", blob(SelfKind.HEADS, 1, VectorsCrypto.padded(ascii("heads")), KEY).bytes(),
        Fault.ROLLED_BACK);
    refused("signed by another device", parts.with("sig", ALICE.dsk(2).sign("self", heads.tbs()).bytes()).joined(),
        Fault.BAD_SIGNATURE);
    refused("signed under another name", parts.with("sig", ALICE.dsk(1).sign("msg", heads.tbs()).bytes()).joined(),
        Fault.BAD_SIGNATURE);
    refused("wrap of another key",
        blob(SelfKind.HEADS, 2, VectorsCrypto.padded(ascii("heads")), filled(0x22, 32)).bytes(), Fault.CANNOT_OPEN);
    refused("sealed for another kind",
        signed(SelfKind.LABELS, 2, wrap(SelfKind.LABELS, 2, KEY), heads.sealed()).bytes(), Fault.CANNOT_OPEN);
    refused("wrapped for another kind", signed(SelfKind.LABELS, 2, heads.wrap(), heads.sealed()).bytes(),
        Fault.CANNOT_OPEN);
    refused("taken over with a higher counter", signed(SelfKind.HEADS, 3, heads.wrap(), heads.sealed()).bytes(),
        Fault.CANNOT_OPEN);
    refused("padding that is not zero", blob(SelfKind.HEADS, 2, number(4, 1).concat(filled(0x61, 252)), KEY).bytes(),
        Fault.BAD_PADDING);
  }

  /// Read, verified, compared with the counter that is remembered, opened.
  static Reading<?> outcome(ByteString bytes) {
    Reading<SelfBlob> read = SelfBlob.read(bytes);
    if (!(read instanceof Reading.Read<SelfBlob>(SelfBlob blob))) {
      return read;
    }
    if (!Signatures.verify(ALICE.dsk(1).point(), "self", blob.tbs(), blob.signature())) {
      return new Reading.Unreadable<>(Fault.BAD_SIGNATURE);
    } else if (blob.counter() < REMEMBERED) {
      return new Reading.Unreadable<>(Fault.ROLLED_BACK);
    }
    AgreementKey aek = VectorsAccounts.value(AgreementKey.read(ALICE.aek(1).secret(), ALICE.aek(1).point()));
    Reading<SymmetricKey> key = Wrapping.unwrap(aek,
        new Wrapping.SelfWrap(TENANT, ALICE.uid(), blob.kind(), blob.counter()), blob.wrap());
    if (!(key instanceof Reading.Read<SymmetricKey>(SymmetricKey opened))) {
      return key;
    }
    Reading<ByteString> padded = Sealing.open(opened, Sealing.Label.SELF, context(blob.kind(), blob.counter()),
        blob.sealed());
    return padded instanceof Reading.Read<ByteString>(ByteString content) ? PaddedContent.unpad(content) : padded;
  }
}
