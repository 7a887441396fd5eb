// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.filled;
import static io.e2relay.client.crypto.VectorsCase.number;
import static io.e2relay.client.crypto.VectorsPerson.ALICE;
import static io.e2relay.client.crypto.VectorsPerson.BOB;
import static io.e2relay.client.crypto.VectorsPerson.CAROL;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.MessageType;
import java.util.function.UnaryOperator;

/// The faults of envelope.json; each expected fault was written down from the text of the protocol.
final class VectorsMessageFaults {
  private static final long BEYOND = 1L << 53;
  private static final Envelope TEXT = VectorsMessages
      .content(VectorsMessages.header(MessageType.CONTENT, 1, Hash.NONE, 0), filled(0x61, 5));

  private final VectorsFile file;

  VectorsMessageFaults(VectorsFile file) {
    this.file = file;
  }

  void write() {
    numbers();
    lengths();
    contradictions();
    verified();
    opened();
  }

  private void refused(String name, ByteString bytes, Fault fault) {
    refused(name, bytes, fault, VectorsWorld.USUAL);
  }

  private void refused(String name, ByteString bytes, Fault fault, String accounts) {
    file.negative(VectorsCase.named(name).with("record", "Envelope").with("accounts", accounts).with("bytes", bytes),
        fault, VectorsMessages.outcome(bytes, accounts));
  }

  private void edited(String name, Envelope envelope, Fault fault, UnaryOperator<VectorsParts> edit) {
    VectorsParts parts = edit.apply(VectorsParts.envelope(envelope.bytes()));
    refused(name, signed(parts, ALICE.dsk(1), "msg", VectorsMessages.EPOCH.hash()), fault);
  }

  private static ByteString signed(VectorsParts parts, VectorsKeys keys, String as, Hash epochHash) {
    ByteString tbs = epochHash.bytes().concat(VectorsCase.sha256(parts.before("sig")));
    return parts.with("sig", keys.sign(as, tbs).bytes()).joined();
  }

  private void value(String name, Fault fault, String field, long value) {
    edited(name, TEXT, fault, parts -> parts.with(field, value));
  }

  private void numbers() {
    value("version 0", Fault.UNKNOWN_VERSION, "ver", 0);
    value("version 2", Fault.UNKNOWN_VERSION, "ver", 2);
    value("type 0", Fault.UNKNOWN_VALUE, "type", 0);
    value("type 5", Fault.UNKNOWN_VALUE, "type", 5);
    value("epoch 0", Fault.OUT_OF_RANGE, "epoch", 0);
    value("seq 2^53", Fault.OUT_OF_RANGE, "seq", BEYOND);
    edited("receipt up to 2^53", VectorsMessages.receipt(1), Fault.OUT_OF_RANGE,
        parts -> parts.with("body", number(8, BEYOND)));
  }

  private void lengths() {
    Envelope tombstone = VectorsMessages.tombstone(2, TEXT.hash());
    Envelope receipt = VectorsMessages.receipt(1);
    edited("body a byte too long", TEXT, Fault.WRONG_LENGTH, parts -> parts.with("body", filled(1, 337)));
    edited("body a byte too short", TEXT, Fault.WRONG_LENGTH, parts -> parts.with("body", filled(1, 335)));
    edited("body of the size before the smallest", TEXT, Fault.WRONG_LENGTH,
        parts -> parts.with("body", filled(1, 80 + 248)));
    edited("empty body", TEXT, Fault.WRONG_LENGTH, parts -> parts.with("body", ByteString.EMPTY));
    edited("body of the size after the greatest", TEXT, Fault.WRONG_LENGTH,
        parts -> parts.with("body", filled(1, 80 + 67_584)));
    edited("tombstone of 15 bytes", tombstone, Fault.WRONG_LENGTH, parts -> parts.with("body", filled(1, 15)));
    edited("tombstone of 17 bytes", tombstone, Fault.WRONG_LENGTH, parts -> parts.with("body", filled(1, 17)));
    edited("tombstone with a sealed body", tombstone, Fault.WRONG_LENGTH, parts -> parts.with("body", TEXT.body()));
    edited("receipt of 7 bytes", receipt, Fault.WRONG_LENGTH, parts -> parts.with("body", filled(0, 7)));
    edited("receipt of 9 bytes", receipt, Fault.WRONG_LENGTH, parts -> parts.with("body", filled(0, 9)));
    refused("a byte behind", TEXT.bytes().concat(filled(0, 1)), Fault.WRONG_LENGTH);
    refused("no bytes", ByteString.EMPTY, Fault.TRUNCATED);
  }

  private void contradictions() {
    value("content without a seq", Fault.CONTRADICTION, "seq", 0);
    edited("first one with one before", TEXT, Fault.CONTRADICTION, parts -> parts.with("prev", filled(9, 32)));
    Envelope tombstone = VectorsMessages.tombstone(2, TEXT.hash());
    edited("tombstone with a ttl", tombstone, Fault.CONTRADICTION, parts -> parts.with("ttl_s", 1));
    edited("tombstone without a seq", tombstone, Fault.CONTRADICTION, parts -> parts.with("seq", 0));
    Envelope receipt = VectorsMessages.receipt(1);
    edited("receipt with a ttl", receipt, Fault.CONTRADICTION, parts -> parts.with("ttl_s", 1));
    edited("receipt with a seq", receipt, Fault.CONTRADICTION, parts -> parts.with("seq", 1));
    edited("receipt with one before", receipt, Fault.CONTRADICTION, parts -> parts.with("prev", filled(9, 32)));
    value("ephemeral with a seq", Fault.CONTRADICTION, "type", 3);
    edited("ephemeral with one before", TEXT, Fault.CONTRADICTION,
        parts -> parts.with("type", 3).with("seq", 0).with("prev", filled(9, 32)));
  }

  private void verified() {
    value("another seq", Fault.CANNOT_OPEN, "seq", 2);
    edited("another conversation", TEXT, Fault.WRONG_CONTEXT, parts -> parts.with("conv_id", filled(0xc0, 32)));
    value("another epoch", Fault.WRONG_CONTEXT, "epoch", 2);
    edited("user who is no member", TEXT, Fault.NOT_A_SIGNER, parts -> parts.with("uid", filled(9, 16)));
    edited("device that nobody knows", TEXT, Fault.NOT_A_SIGNER, parts -> parts.with("device_id", filled(9, 16)));
    edited("device of another user", TEXT, Fault.NOT_A_SIGNER, parts -> parts.with("device_id", BOB.device(1).bytes()));
    VectorsParts parts = VectorsParts.envelope(TEXT.bytes());
    Hash hash = VectorsMessages.EPOCH.hash();
    refused("signed by another device", signed(parts, ALICE.dsk(2), "msg", hash), Fault.BAD_SIGNATURE);
    refused("signed by another member", signed(parts, BOB.dsk(1), "msg", hash), Fault.BAD_SIGNATURE);
    refused("signed under another name", signed(parts, ALICE.dsk(1), "self", hash), Fault.BAD_SIGNATURE);
    refused("signed for another epoch_hash", signed(parts, ALICE.dsk(1), "msg", VectorsConversations.epoch(2).hash()),
        Fault.BAD_SIGNATURE);
    refused("sent in the name of another member",
        signed(parts.with("uid", CAROL.uid().bytes()).with("device_id", CAROL.device(1).bytes()), ALICE.dsk(1), "msg",
            hash),
        Fault.BAD_SIGNATURE);
  }

  private void opened() {
    edited("commitment of zeros", TEXT, Fault.CANNOT_OPEN, parts -> parts.with("body",
        TEXT.body().substring(0, 32).concat(filled(0, 32)).concat(TEXT.body().substring(64))));
    edited("another header than was sealed", TEXT, Fault.CANNOT_OPEN, parts -> parts.with("msg_id", filled(9, 16)));
    MessageHeader bobs = new MessageHeader(MessageType.CONTENT, VectorsWorld.conversation(), TEXT.header().epoch(),
        BOB.uid(), BOB.device(1), TEXT.header().msgId(), 1, Hash.NONE, 0);
    VectorsParts taken = VectorsParts.envelope(new Envelope(bobs, TEXT.body(), TEXT.signature()).bytes());
    refused("sealed by somebody else", signed(taken, BOB.dsk(1), "msg", VectorsMessages.EPOCH.hash()),
        Fault.CANNOT_OPEN);
    badPadding("length beyond the padding", number(4, 253).concat(filled(0, 252)));
    badPadding("padding that is not zero", number(4, 1).concat(filled(0x61, 252)));
    badPadding("more padding than need be", number(4, 1).concat(filled(0x61, 1)).concat(filled(0, 507)));
  }

  private void badPadding(String name, ByteString padded) {
    MessageHeader header = TEXT.header();
    ByteString body = VectorsCrypto
        .seal(VectorsMessages.KEY, "e2r/1/msg", VectorsMessages.context(header), padded, VectorsMessages.SALT).out();
    refused(name, VectorsMessages.signed(header, body).bytes(), Fault.BAD_PADDING);
  }
}
