// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.MessageMaker;
import io.e2relay.client.crypto.RosterMember;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.PutEpoch;
import io.e2relay.protocol.wire.PutSelf;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Subscribe;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Spoilt envelopes and records through a socket, beside somebody who only wants to talk.
final class EncryptedFuzzIT {
  private static final int FRAMES = 10_000;
  private static final int AT_ONCE = 32;
  private static final int SAY_EVERY = 100;

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension("relay.requests.per.second = 100000",
      "relay.requests.burst = 100000", "relay.signatures = all");

  private static final KeyHolder ANNE = new KeyHolder("anne");
  private static final RosterMember ADMIN = ANNE.as(RosterRole.ADMIN, RosterState.ACTIVE);

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);
  private final Map<String, Integer> codes = new TreeMap<>();

  @Test
  void spoilt_envelopes_and_records_are_refused_and_touch_nobody_else() {
    try (RawSocket anne = ANNE.register(SERVICE);
        RawSocket bob = SERVICE.welcomed("bob");
        RawSocket ear = SERVICE.welcomed("bob")) {
      SealedRoom room = new SealedRoom(ANNE, List.of(ANNE), List.of(ADMIN));
      assertTrue(anne.ask(room.create()).hasConversation());
      ByteString beside = bob.createConversation();
      assertTrue(ear.ask(subscribe(beside)).hasSubscribed());

      List<ClientFrame.Builder> honest = List.of(SealedRoom.send(room.message(ANNE, 1)),
          SealedRoom.send(room.tombstone(ANNE, 1, MessageMaker.newId())), next(room),
          new SealedRoom(ANNE, List.of(ANNE), List.of(ADMIN)).create(), new KeyHolder("anne").put(),
          ClientFrame.newBuilder().setPutSelf(PutSelf.newBuilder().setBlob(RawSocket.random(400))));
      Set<Long> asked = new HashSet<>();
      int said = 0;
      for (int i = 0; i < FRAMES; i++) {
        asked.add(anne.send(spoilt(honest.get(i % 4 < 2 ? i % 2 : random.nextInt(honest.size())))));
        if (asked.size() == AT_ONCE) {
          count(anne, asked);
        }
        if (i % SAY_EVERY == 0) {
          said++;
          assertTrue(bob.askOnce(say(beside)).hasSent(), "while others send rubbish");
        }
      }
      while (!asked.isEmpty()) {
        count(anne, asked);
      }
      assertEquals(1L + said, ear.countInOrder(beside, 1L + said));
      assertTrue(bob.isOpen() && ear.isOpen() && anne.isOpen());
      assertEquals(1, anne.ask(room.fetch()).getPage().getLastSeq(), () -> "seed " + seed);
      // The controls: what was spoilt is good as it was.
      assertTrue(anne.ask(SealedRoom.send(room.message(ANNE, 1))).hasSent());
      assertTrue(anne.ask(room.next(EpochReason.BY_USER, List.of(ADMIN))).hasEpochPut());
      Shown.line("fuzz-socket frames=%d refused=%d codes=%s beside_sent=%d beside_received=%d seed=%d".formatted(FRAMES,
          codes.values().stream().mapToInt(Integer::intValue).sum(), codes, said, said, seed));
    }
  }
  private static ClientFrame.Builder next(SealedRoom room) {
    return SealedRoom.put(ANNE.maker(List.of(ANNE)).next(room.epoch().chain(), room.epoch().key(), EpochReason.BY_USER,
        List.of(ADMIN), System.currentTimeMillis()));
  }

  /// Always another one than was given, and never a frame that is none: those close the socket.
  private ClientFrame.Builder spoilt(ClientFrame.Builder honest) {
    ClientFrame.Builder frame = honest.build().toBuilder();
    switch (frame.getBodyCase()) {
      case SEND -> frame.getSendBuilder().setBody(spoilt(frame.getSend().getBody()));
      case PUT_EPOCH -> {
        PutEpoch.Builder put = frame.getPutEpochBuilder();
        if (random.nextInt(4) == 0) {
          put.setWraps(0, flipped(put.getWraps(0), Point.BYTES));
        } else {
          put.setRecord(spoilt(put.getRecord()));
        }
      }
      case CREATE_CONVERSATION -> {
        CreateConversation.Builder create = frame.getCreateConversationBuilder();
        switch (random.nextInt(3)) {
          case 0 -> create.setGenesis(flipped(create.getGenesis(), Genesis.BYTES));
          case 1 -> create.setWraps(0, flipped(create.getWraps(0), Point.BYTES));
          default -> create.setRecord(spoilt(create.getRecord()));
        }
      }
      case PUT_ACCOUNT -> frame.getPutAccountBuilder().setRecord(spoilt(frame.getPutAccount().getRecord()));
      default -> frame.getPutSelfBuilder().setBlob(spoilt(frame.getPutSelf().getBlob()));
    }
    return frame;
  }

  private ByteString spoilt(ByteString bytes) {
    return switch (random.nextInt(5)) {
      case 0 -> bytes.substring(0, 1 + random.nextInt(bytes.size() - 1));
      case 1 -> bytes.concat(RawSocket.random(1 + random.nextInt(40)));
      case 2 -> RawSocket.random(1 + random.nextInt(2 * bytes.size()));
      default -> flipped(bytes, bytes.size());
    };
  }

  private ByteString flipped(ByteString bytes, int before) {
    byte[] copy = bytes.toByteArray();
    copy[random.nextInt(before)] ^= (byte) (1 << random.nextInt(8));
    return ByteString.copyFrom(copy);
  }

  /// Takes the next answer to one of these, whichever it is.
  private void count(RawSocket anne, Set<Long> asked) {
    ServerFrame answer = anne.next(frame -> asked.remove(frame.getReplyTo()));
    assertTrue(answer.hasError(), () -> "taken with seed " + seed + ": " + answer);
    codes.merge(answer.getError().getName(), 1, Integer::sum);
  }

  private static ClientFrame.Builder say(ByteString conversation) {
    return ClientFrame.newBuilder().setSend(Send.newBuilder().setConversationId(conversation)
        .setMsgId(RawSocket.random(16)).setBody(ByteString.copyFromUtf8("hello")));
  }

  private static ClientFrame.Builder subscribe(ByteString conversation) {
    return ClientFrame.newBuilder()
        .setSubscribe(Subscribe.newBuilder().addCursors(Cursor.newBuilder().setConversationId(conversation)));
  }
}
