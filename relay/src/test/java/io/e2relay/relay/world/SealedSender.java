// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.world;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.MessageType;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.Signatures;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Send;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.function.UnaryOperator;

/// A device that sends envelopes, in one conversation: what it seals is chance, for the service cannot tell.
public final class SealedSender {
  private static final int SEALED_BYTES = 256 + Envelope.SEAL_BYTES;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final ByteString conversation;
  private final ByteString uid;
  private final ByteString device;
  private final Hash epochHash;
  private final KeyPair key = pair();

  /// The hash is that of the epoch's record.
  public SealedSender(ByteString conversation, ByteString uid, ByteString device, Hash epochHash) {
    this.conversation = conversation;
    this.uid = uid;
    this.device = device;
    this.epochHash = epochHash;
  }

  /// The key as it is in the account's record.
  public ByteString deviceKey() {
    var w = ((ECPublicKey) key.getPublic()).getW();
    return ByteString.copyFrom(new byte[]{4}).concat(number(w.getAffineX())).concat(number(w.getAffineY()));
  }

  public Envelope message(long epoch, long seq) {
    return sealed(new Header(MessageType.CONTENT, conversation, epoch, uid, device, random(16), seq));
  }

  public Envelope tombstone(long epoch, long seq) {
    return sealed(new Header(MessageType.TOMBSTONE, conversation, epoch, uid, device, random(16), seq));
  }

  /// What of a header matters here.
  public record Header(MessageType type, ByteString conversation, long epoch, ByteString uid, ByteString device,
      ByteString msgId, long seq) {
  }

  /// A message that differs from an honest one in its header.
  public Envelope message(long epoch, long seq, UnaryOperator<Header> change) {
    return sealed(change.apply(new Header(MessageType.CONTENT, conversation, epoch, uid, device, random(16), seq)));
  }

  /// The same with another signature, which is none.
  public static Envelope forged(Envelope genuine) {
    return new Envelope(genuine.header(), genuine.body(), new Signature(random(Signature.BYTES)));
  }

  /// The request that sends it.
  public static ClientFrame send(long id, Envelope envelope) {
    return ClientFrame.newBuilder().setId(id).setSend(request(envelope)).build();
  }

  public static Send request(Envelope envelope) {
    MessageHeader header = envelope.header();
    return Send.newBuilder().setConversationId(header.conversation().bytes()).setMsgId(header.msgId().bytes())
        .setEpoch(header.epoch().value()).setBody(envelope.bytes()).build();
  }

  public static ByteString random(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return ByteString.copyFrom(random);
  }

  private Envelope sealed(Header like) {
    boolean linked = like.type() == MessageType.CONTENT || like.type() == MessageType.TOMBSTONE;
    MessageHeader header = new MessageHeader(like.type(), new ConversationId(like.conversation()),
        new Epoch(like.epoch()), new Uid(like.uid()), new DeviceId(like.device()), new MsgId(like.msgId()),
        linked ? like.seq() : 0, linked && like.seq() > 1 ? new Hash(random(Hash.BYTES)) : Hash.NONE, 0);
    ByteString body = switch (like.type()) {
      case CONTENT, EPHEMERAL -> random(SEALED_BYTES);
      case TOMBSTONE -> random(MsgId.BYTES);
      case RECEIPT -> ByteString.copyFrom(new byte[8]);
    };
    return new Envelope(header, body, sign(Envelope.tbs(epochHash, header, body)));
  }

  private Signature sign(ByteString tbs) {
    try {
      var ecdsa = java.security.Signature.getInstance("SHA256withECDSAinP1363Format");
      ecdsa.initSign(key.getPrivate());
      ecdsa.update(Signatures.message("msg", tbs).toByteArray());
      return new Signature(ByteString.copyFrom(ecdsa.sign()));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static KeyPair pair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static ByteString number(BigInteger number) {
    String hex = number.toString(16);
    return ByteString.fromHex("0".repeat(64 - hex.length()) + hex);
  }
}
