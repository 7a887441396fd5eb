// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Decoded;
import io.e2relay.protocol.frame.FrameCodec;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.MessageType;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.verify.Signatures;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.relay.world.SealedSender;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Spoilt messages and tombstones, from the frame's bytes to the signature, without a socket: refused with a code, or
/// exactly what the device has signed. A failure prints its seed; run again with -De2relay.seed=N.
final class EnvelopeFuzzTest {
  private static final int MUTATIONS = 100_000;
  private static final int PERCENT_RESIGNED = 5;
  private static final long SEED = Long.getLong("e2relay.seed", new SecureRandom().nextLong());
  private static final List<MessageType> TYPES = List.of(MessageType.values());
  private static final ByteString CONVERSATION = SealedSender.random(ConversationId.BYTES);
  private static final ByteString UID = SealedSender.random(Uid.BYTES);
  private static final ByteString DEVICE = SealedSender.random(DeviceId.BYTES);
  private static final Hash EPOCH = new Hash(SealedSender.random(Hash.BYTES));

  private final SealedSender phone = new SealedSender(CONVERSATION, UID, DEVICE, EPOCH);
  private final Identity sender = new Identity(SealedSender.random(16), UID, DEVICE, phone.deviceKey());
  private final List<Envelope> honest = Stream.concat(Stream.of(1L, 2L, 3L).map(seq -> phone.message(1, seq)),
      Stream.of(4L, 5L).map(seq -> phone.tombstone(1, seq))).toList();
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Map<String, Integer> counts = new TreeMap<>();

  @Test
  void spoilt_messages_are_refused_or_say_what_the_device_signed() {
    honest.forEach(envelope -> assertEquals("TAKEN", outcome(SealedSender.send(7, envelope).toByteArray(), true)));
    int resigned = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      boolean again = random.nextInt(100) < PERCENT_RESIGNED;
      resigned += again ? 1 : 0;
      byte[] frame = again ? resigned() : spoilt(honest.get(i % honest.size()));
      try {
        counts.merge(outcome(frame, again), 1, Integer::sum);
      } catch (RuntimeException e) {
        throw new AssertionError(hint(frame), e);
      }
    }
    System.out.printf("shown: fuzz name=envelope_path mutated=%d resigned=%d outcomes=%s exceptions=0 seed=%d%n",
        MUTATIONS, resigned, counts, SEED);
    assertTrue(counts.keySet().containsAll(List.of("TAKEN", "FORGED", ErrorCode.PLAINTEXT_REJECTED.name())),
        counts::toString);
  }

  private String outcome(byte[] bytes, boolean resigned) {
    return switch (FrameCodec.decodeBinary(bytes)) {
      case Decoded.Malformed malformed -> "frame:" + malformed.code();
      case Decoded.Valid(ClientFrame frame) when !frame.hasSend() -> "another_request";
      case Decoded.Valid(ClientFrame frame) -> switch (EnvelopeRule.judge(frame.getSend(), sender)) {
        case EnvelopeRule.Finding.Refused(ErrorCode code) -> code.name();
        case EnvelopeRule.Finding.Fits(Envelope envelope) -> {
          assertEquals(frame.getSend().getBody(), envelope.bytes(), () -> hint(bytes));
          boolean genuine = Signatures.verify(new Point(sender.deviceKey()), "msg", envelope.tbs(EPOCH),
              envelope.signature());
          assertTrue(!genuine || resigned || honest.contains(envelope), () -> hint(bytes));
          yield genuine ? "TAKEN" : "FORGED";
        }
      };
    };
  }

  /// Signed with the right key, of something that may be another's, elsewhere, or of a kind that is not for the log.
  private byte[] resigned() {
    Envelope envelope = phone.message(1 + random.nextInt(2), 1 + random.nextInt(3), header -> {
      int field = random.nextInt(6);
      return new SealedSender.Header(field == 0 ? TYPES.get(random.nextInt(TYPES.size())) : header.type(),
          field == 1 ? SealedSender.random(ConversationId.BYTES) : header.conversation(), header.epoch(),
          field == 2 ? SealedSender.random(Uid.BYTES) : header.uid(),
          field == 3 ? SealedSender.random(DeviceId.BYTES) : header.device(),
          field == 4 ? SealedSender.random(MsgId.BYTES) : header.msgId(), header.seq());
    });
    ClientFrame frame = SealedSender.send(7, envelope);
    // Half of the time the request says something else than the envelope.
    return random.nextBoolean()
        ? frame.toByteArray()
        : frame.toBuilder().setSend(frame.getSend().toBuilder().setConversationId(CONVERSATION).setEpoch(1)).build()
            .toByteArray();
  }

  private byte[] spoilt(Envelope envelope) {
    ClientFrame frame = SealedSender.send(7, envelope);
    if (random.nextInt(3) == 0) {
      return bytes(frame.toByteString()).toByteArray();
    }
    ByteString other = honest.get(random.nextInt(honest.size())).bytes();
    ByteString body = frame.getSend().getBody();
    int at = random.nextInt(body.size() + 1);
    ByteString changed = random.nextInt(6) > 0
        ? bytes(body)
        : body.substring(0, at).concat(other.substring(Math.min(at, other.size())));
    return frame.toBuilder().setSend(frame.getSend().toBuilder().setBody(changed)).build().toByteArray();
  }

  private ByteString bytes(ByteString bytes) {
    int at = random.nextInt(bytes.size());
    int to = Math.min(bytes.size(), at + 1 + random.nextInt(8));
    return switch (random.nextInt(6)) {
      case 0, 1 -> {
        byte[] flipped = bytes.toByteArray();
        // Mostly near the beginning, where the fields are that the service looks at.
        flipped[random.nextInt(
            random.nextInt(3) > 0 ? Math.min(200, flipped.length) : flipped.length)] ^= (byte) (1 << random.nextInt(8));
        yield ByteString.copyFrom(flipped);
      }
      case 2 -> bytes.substring(0, at);
      case 3 -> bytes.substring(0, at).concat(bytes.substring(to));
      case 4 -> bytes.concat(chance(1 + random.nextInt(40)));
      default -> bytes.substring(0, at).concat(chance(to - at)).concat(bytes.substring(to));
    };
  }

  private ByteString chance(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  private static String hint(byte[] frame) {
    return "seed=" + SEED + " " + HexFormat.of().formatHex(frame);
  }
}
