// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.MessageType;
import io.e2relay.protocol.record.Padding;

/// Makes the messages of a device in an epoch.
public final class MessageMaker {
  private static final ChainPlace NONE = new ChainPlace(0, Hash.NONE);

  private final Randomness randomness;
  private final Uid me;
  private final DeviceKeys keys;
  private final EpochRecord epoch;
  private final Hash epochHash;
  private final SymmetricKey key;

  public MessageMaker(Uid me, DeviceKeys keys, EpochRecord epoch, SymmetricKey key) {
    this(Randomness.SECURE, me, keys, epoch, key);
  }

  MessageMaker(Randomness randomness, Uid me, DeviceKeys keys, EpochRecord epoch, SymmetricKey key) {
    this.randomness = randomness;
    this.me = me;
    this.keys = keys;
    this.epoch = epoch;
    this.epochHash = epoch.hash();
    this.key = key;
  }

  /// A new name for a message. The same message keeps it, however often it is sealed anew.
  public static MsgId newId() {
    return new MsgId(Randomness.SECURE.bytes(MsgId.BYTES));
  }

  /// A message that is kept, for so many seconds; for good, if that is 0.
  public Envelope content(ChainPlace place, MsgId id, long ttlS, ByteString content) {
    return sealed(header(MessageType.CONTENT, place, id, ttlS), content);
  }

  /// A message that is passed on and not kept.
  public Envelope ephemeral(MsgId id, long ttlS, ByteString content) {
    return sealed(header(MessageType.EPHEMERAL, NONE, id, ttlS), content);
  }

  /// Takes back a message of the same user.
  public Envelope tombstone(ChainPlace place, MsgId id, MsgId target) {
    return signed(header(MessageType.TOMBSTONE, place, id, 0), target.bytes());
  }

  /// Says up to which place of the conversation everything was read.
  public Envelope receipt(MsgId id, long upTo) {
    return signed(header(MessageType.RECEIPT, NONE, id, 0), new Joined().u64(upTo).toByteString());
  }

  static ByteString context(Hash epochHash, MessageHeader header) {
    return epochHash.bytes().concat(header.bytes());
  }

  private MessageHeader header(MessageType type, ChainPlace place, MsgId id, long ttlS) {
    return new MessageHeader(type, epoch.statement().conversation(), epoch.statement().epoch(), me, keys.device(), id,
        place.seq(), place.prev(), ttlS);
  }

  private Envelope sealed(MessageHeader header, ByteString content) {
    return signed(header, Sealing.seal(randomness, key, Sealing.Label.MESSAGE, context(epochHash, header),
        PaddedContent.pad(content, Padding.MESSAGE_MAX)));
  }

  private Envelope signed(MessageHeader header, ByteString body) {
    return new Envelope(header, body, keys.signing().sign(randomness, "msg", Envelope.tbs(epochHash, header, body)));
  }
}
