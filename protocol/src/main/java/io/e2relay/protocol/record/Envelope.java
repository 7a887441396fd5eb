// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.MsgId;
import java.util.function.Supplier;

/// A message as it is sent: readable outside, sealed inside, signed over all.
public record Envelope(MessageHeader header, ByteString body, Signature signature) {
  /// What a seal adds: salt, commitment and tag.
  public static final int SEAL_BYTES = 80;
  public static final int BYTES_MAX = MessageHeader.BYTES + SEAL_BYTES + Padding.MESSAGE_MAX + Signature.BYTES;
  /// Of the body, as far as it names the message: the salt and the commitment, or the whole of a tombstone.
  private static final int NAMED_BYTES = 64;
  private static final int U64_BYTES = 8;

  public Envelope {
    RecordWriter.require(isBody(header.type(), body.size()), Fault.WRONG_LENGTH);
    RecordWriter.require(header.type() != MessageType.RECEIPT || u64(body) <= RecordReader.U64_MAX, Fault.OUT_OF_RANGE);
  }

  public static Reading<Envelope> read(ByteString bytes) {
    RecordReader in = new RecordReader(bytes);
    Supplier<MessageHeader> read = MessageHeader.read(in);
    if (in.faulty()) {
      return in.refused();
    }
    MessageHeader header = read.get();
    ByteString body = in.allBut(Signature.BYTES);
    in.require(isBody(header.type(), body.size()), Fault.WRONG_LENGTH);
    in.require(in.faulty() || header.type() != MessageType.RECEIPT || u64(body) <= RecordReader.U64_MAX,
        Fault.OUT_OF_RANGE);
    Signature signature = in.signature();
    return in.end(() -> new Envelope(header, body, signature));
  }

  private static boolean isBody(MessageType type, int size) {
    return switch (type) {
      case CONTENT, EPHEMERAL -> Padding.isSize(size - SEAL_BYTES, Padding.MESSAGE_MAX);
      case TOMBSTONE -> size == MsgId.BYTES;
      case RECEIPT -> size == U64_BYTES;
    };
  }

  /// Above every number of this protocol if it would not fit.
  private static long u64(ByteString body) {
    long number = body.asReadOnlyByteBuffer().getLong();
    return number < 0 ? Long.MAX_VALUE : number;
  }

  public ByteString bytes() {
    return header.bytes().concat(body).concat(signature.bytes());
  }

  /// What the sender signs, in an epoch of that hash.
  public static ByteString tbs(Hash epochHash, MessageHeader header, ByteString body) {
    return epochHash.bytes().concat(Hash.of(header.bytes(), body).bytes());
  }

  public ByteString tbs(Hash epochHash) {
    return tbs(epochHash, header, body);
  }

  /// The `msg_hash`, which names the message; no signature is part of it.
  public Hash hash() {
    return Hash.labelled(Labels.MESSAGE_HASH,
        header.bytes().concat(body.substring(0, Math.min(NAMED_BYTES, body.size()))));
  }

  /// Whether the body is sealed; if so, it begins with a salt and a commitment.
  public boolean sealed() {
    return switch (header.type()) {
      case CONTENT, EPHEMERAL -> true;
      case TOMBSTONE, RECEIPT -> false;
    };
  }

  /// The commitment to the key of a sealed body.
  public Hash commitment() {
    if (!sealed()) {
      throw new IllegalStateException("no body that is sealed");
    }
    return new Hash(body.substring(Hash.BYTES, 2 * Hash.BYTES));
  }

  /// The message that a tombstone takes back.
  public MsgId target() {
    if (header.type() != MessageType.TOMBSTONE) {
      throw new IllegalStateException("no tombstone");
    }
    return new MsgId(body);
  }

  /// Up to which place of the conversation a receipt says that everything was read.
  public long readUpTo() {
    if (header.type() != MessageType.RECEIPT) {
      throw new IllegalStateException("no receipt");
    }
    return u64(body);
  }
}
