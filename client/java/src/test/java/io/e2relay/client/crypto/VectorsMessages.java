// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.ascii;
import static io.e2relay.client.crypto.VectorsCase.filled;
import static io.e2relay.client.crypto.VectorsCase.number;
import static io.e2relay.client.crypto.VectorsConversations.EPOCHS;
import static io.e2relay.client.crypto.VectorsConversations.epoch;
import static io.e2relay.client.crypto.VectorsPerson.ALICE;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.MessageType;
import io.e2relay.protocol.record.Padding;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.DisclosureCheck;
import io.e2relay.protocol.verify.EnvelopeCheck;
import io.e2relay.protocol.verify.Verdict;
import java.util.LinkedHashMap;
import java.util.Map;

/// envelope.json and disclosure.json: messages of alice in the third epoch.
final class VectorsMessages {
  static final EpochRecord EPOCH = epoch(3);
  static final ByteString KEY = VectorsWorld.key(3);
  static final ByteString SALT = filled(0x5a, 32);

  private VectorsMessages() {
  }

  static Map<String, Object> epochs() {
    Map<String, Object> epochs = new LinkedHashMap<>();
    EPOCHS.subList(0, 3).forEach(name -> epochs.put(name, VectorsCase.hex(epoch(1 + EPOCHS.indexOf(name)).bytes())));
    return epochs;
  }

  static VectorsFile envelopes() {
    VectorsFile file = new VectorsFile("envelope").given("accounts", VectorsWorld.json())
        .given("genesis", VectorsWorld.GENESIS.bytes()).given("epochs", epochs())
        .given("epoch_hash", EPOCH.hash().bytes()).given("key", KEY).given("device", ALICE.dsk(1));
    ByteString hello = number(2, 1).concat(ascii("hello"));
    Envelope first = content(header(MessageType.CONTENT, 1, Hash.NONE, 0), hello);
    sealed(file, "first text", first, hello, 1);
    Envelope second = content(header(MessageType.CONTENT, 2, first.hash(), 3600), filled(0x61, 1));
    sealed(file, "second message, an hour to live", second, filled(0x61, 1), 1);
    sealed(file, "no content", content(header(MessageType.CONTENT, 3, second.hash(), 0), ByteString.EMPTY),
        ByteString.EMPTY, 0);
    sealed(file, "ephemeral", content(header(MessageType.EPHEMERAL, 0, Hash.NONE, 5), hello), hello, 1);
    large(file, 252);
    large(file, 253);
    large(file, 65_532);
    plain(file, "tombstone", tombstone(4, second.hash()));
    plain(file, "receipt", receipt(42));
    plain(file, "receipt of all there can be", receipt((1L << 53) - 1));
    new VectorsMessageFaults(file).write();
    altered(file, "first text", first);
    altered(file, "tombstone", tombstone(4, second.hash()));
    altered(file, "receipt", receipt(42));
    return file;
  }

  static MessageHeader header(MessageType type, long seq, Hash prev, long ttl) {
    return new MessageHeader(type, VectorsWorld.conversation(), new Epoch(3), ALICE.uid(), ALICE.device(1),
        new MsgId(filled((int) (0x30 + seq), 16)), seq, prev, ttl);
  }

  static ByteString context(MessageHeader header) {
    return EPOCH.hash().bytes().concat(header.bytes());
  }

  static Envelope content(MessageHeader header, ByteString content) {
    ByteString padded = VectorsCrypto.padded(content);
    ByteString body = VectorsCrypto.seal(KEY, "e2r/1/msg", context(header), padded, SALT).out();
    VectorsSeals.same(body, Sealing.seal(VectorsGiven.bytes(SALT), SymmetricKey.of(KEY), Sealing.Label.MESSAGE,
        context(header), PaddedContent.pad(content, Padding.MESSAGE_MAX)));
    return signed(header, body);
  }

  static Envelope signed(MessageHeader header, ByteString body) {
    return new Envelope(header, body, ALICE.dsk(1).sign("msg", Envelope.tbs(EPOCH.hash(), header, body)));
  }

  static Envelope tombstone(long seq, Hash prev) {
    return signed(header(MessageType.TOMBSTONE, seq, prev, 0), filled(0x31, 16));
  }

  static Envelope receipt(long upTo) {
    return signed(header(MessageType.RECEIPT, 0, Hash.NONE, 0), number(8, upTo));
  }

  private static VectorsCase described(String name, Envelope envelope) {
    return VectorsCase.named(name).with("record", "Envelope").with("msg_hash", envelope.hash().bytes());
  }

  private static void sealed(VectorsFile file, String name, Envelope envelope, ByteString content, int times) {
    VectorsSeals.same(content, (ByteString) VectorsAccounts.value(outcome(envelope.bytes())));
    file.positive(described(name, envelope).repeated("content", content, times).with("salt", SALT)
        .with("bytes", envelope.bytes()).with("fields", VectorsFields.of(envelope)));
  }

  private static void large(VectorsFile file, int size) {
    ByteString content = filled(0x61, size);
    Envelope envelope = content(header(MessageType.CONTENT, 1, Hash.NONE, 0), content);
    VectorsSeals.same(content, (ByteString) VectorsAccounts.value(outcome(envelope.bytes())));
    file.positive(described(size + " bytes", envelope).repeated("content", filled(0x61, 1), size).with("salt", SALT)
        .with("header", envelope.header().bytes()).with("sig", envelope.signature().bytes())
        .hashed("bytes", envelope.bytes()));
  }

  private static void plain(VectorsFile file, String name, Envelope envelope) {
    VectorsAccounts.value(outcome(envelope.bytes()));
    file.positive(described(name, envelope).with("bytes", envelope.bytes()).with("fields", VectorsFields.of(envelope)));
  }

  private static void altered(VectorsFile file, String name, Envelope envelope) {
    file.altered(VectorsCase.named(name).with("record", "Envelope").with("bytes", envelope.bytes()), envelope.bytes(),
        VectorsMessages::outcome);
  }

  static Reading<?> outcome(ByteString bytes) {
    return outcome(bytes, VectorsWorld.USUAL);
  }

  /// Read, verified, opened: the content, or the body of what is not sealed.
  static Reading<?> outcome(ByteString bytes, String accounts) {
    Reading<Envelope> read = Envelope.read(bytes);
    if (!(read instanceof Reading.Read<Envelope>(Envelope envelope))) {
      return read;
    }
    if (EnvelopeCheck.verify(envelope, EPOCH, VectorsWorld.known(accounts)) instanceof Verdict.Invalid(Fault fault)) {
      return new Reading.Unreadable<>(fault);
    } else if (!envelope.sealed()) {
      return new Reading.Read<>(envelope.body());
    }
    Reading<ByteString> opened = Sealing.open(SymmetricKey.of(KEY), Sealing.Label.MESSAGE, context(envelope.header()),
        envelope.body());
    return opened instanceof Reading.Read<ByteString>(ByteString padded) ? PaddedContent.unpad(padded) : opened;
  }

  static VectorsFile disclosures() {
    VectorsFile file = new VectorsFile("disclosure").given("epoch_hash", EPOCH.hash().bytes()).given("dsk_pub",
        ALICE.dsk(1).pub());
    for (String text : new String[]{"hello", "", "something that somebody reports"}) {
      ByteString content = number(2, 1).concat(ascii(text));
      Envelope envelope = content(header(MessageType.CONTENT, 1, Hash.NONE, 0), content);
      ByteString mk = mk(envelope);
      VectorsSeals.same(mk,
          VectorsAccounts.value(Disclosure.of(SymmetricKey.of(KEY), EPOCH.hash(), envelope)).reveal());
      VectorsAccounts.value(shown(envelope.bytes(), mk));
      file.positive(VectorsCase.named("text of " + text.length() + " characters").with("envelope", envelope.bytes())
          .with("key", KEY).with("mk", mk).with("content", content));
    }
    Envelope hello = content(header(MessageType.CONTENT, 1, Hash.NONE, 0), ascii("hello"));
    Envelope other = content(header(MessageType.CONTENT, 2, hello.hash(), 0), ascii("hello"));
    ByteString mk = mk(hello);
    disclosed(file, "key of another message", hello.bytes(), mk(other), Fault.BAD_COMMITMENT);
    disclosed(file, "key of the conversation", hello.bytes(), KEY, Fault.BAD_COMMITMENT);
    disclosed(file, "tombstone", tombstone(4, other.hash()).bytes(), mk, Fault.BAD_COMMITMENT);
    disclosed(file, "receipt", receipt(42).bytes(), mk, Fault.BAD_COMMITMENT);
    VectorsParts parts = VectorsParts.envelope(hello.bytes());
    disclosed(file, "other header", parts.with("msg_id", filled(9, 16)).joined(), mk, Fault.BAD_SIGNATURE);
    disclosed(file, "signed by another device",
        parts.with("sig", ALICE.dsk(2).sign("msg", hello.tbs(EPOCH.hash())).bytes()).joined(), mk, Fault.BAD_SIGNATURE);
    disclosed(file, "signed for another epoch",
        parts.with("sig", ALICE.dsk(1).sign("msg", hello.tbs(epoch(2).hash())).bytes()).joined(), mk,
        Fault.BAD_SIGNATURE);
    file.altered(VectorsCase.named("the key").with("part", "mk").with("envelope", hello.bytes()).with("bytes", mk), mk,
        altered -> shown(hello.bytes(), altered));
    file.altered(VectorsCase.named("the envelope").with("part", "envelope").with("mk", mk).with("bytes", hello.bytes()),
        hello.bytes(), altered -> shown(altered, mk));
    return file;
  }

  private static ByteString mk(Envelope envelope) {
    return VectorsCrypto.hkdf(KEY, SALT, VectorsCase.label("e2r/1/msg").concat(context(envelope.header())), 32);
  }

  private static void disclosed(VectorsFile file, String name, ByteString envelope, ByteString mk, Fault fault) {
    file.negative(VectorsCase.named(name).with("envelope", envelope).with("mk", mk), fault, shown(envelope, mk));
  }

  /// What the service checks, then what the reviewer sees.
  private static Reading<?> shown(ByteString bytes, ByteString mk) {
    Reading<Envelope> read = Envelope.read(bytes);
    if (!(read instanceof Reading.Read<Envelope>(Envelope envelope))) {
      return read;
    }
    return DisclosureCheck.verify(envelope, EPOCH.hash(), mk,
        ALICE.dsk(1).point()) instanceof Verdict.Invalid(Fault fault)
            ? new Reading.Unreadable<>(fault)
            : Disclosure.received(mk).open(EPOCH.hash(), envelope);
  }
}
