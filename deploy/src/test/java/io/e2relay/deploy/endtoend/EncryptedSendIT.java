// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.ChainPlace;
import io.e2relay.client.crypto.MessageMaker;
import io.e2relay.client.crypto.MessageOpening;
import io.e2relay.client.crypto.Opening;
import io.e2relay.client.crypto.RosterMember;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Limits;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.wire.AddMembers;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Leave;
import io.e2relay.protocol.wire.RemoveMembers;
import io.e2relay.protocol.wire.ServerFrame;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Encrypted conversations over real sockets: what honest clients do, and beside it what is refused.
final class EncryptedSendIT {
  private static final int RACES = 20;
  private static final int IN_FLIGHT = 12;

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension("relay.requests.per.second = 10000",
      "relay.requests.burst = 10000");

  private static final KeyHolder ANNE = new KeyHolder("anne");
  private static final KeyHolder BOB = new KeyHolder("bob");
  private static final List<KeyHolder> ALL = List.of(ANNE, BOB);
  private static final RosterMember ADMIN = ANNE.as(RosterRole.ADMIN, RosterState.ACTIVE);
  private static final RosterMember MEMBER = BOB.as(RosterRole.MEMBER, RosterState.ACTIVE);
  private static final RosterMember WAITING = new RosterMember(Ids.uid(KeyHolder.TENANT, "cara"), RosterRole.MEMBER,
      RosterState.PENDING);

  @BeforeAll
  static void register() {
    ANNE.register(SERVICE).close();
    BOB.register(SERVICE).close();
  }

  @Test
  void what_one_seals_another_opens_with_the_key_that_the_service_hands_out() {
    try (RawSocket anne = ANNE.enter(SERVICE); RawSocket bob = BOB.enter(SERVICE)) {
      SealedRoom room = room(anne);
      Envelope said = room.messages(ANNE).content(ChainPlace.FIRST, MessageMaker.newId(), 0,
          ByteString.copyFromUtf8("hello"));
      assertFalse(bob.ask(room.subscribe()).getSubscribed().getResults(0).hasError());
      assertEquals(2, sent(anne.ask(SealedRoom.send(said))));
      ServerFrame heard = bob.next(ServerFrame::hasMessage);
      ServerFrame wraps = bob.ask(room.getWraps());
      assertEquals(1, wraps.getWraps().getWrapsCount());
      var key = (Opening.Opened) BOB.opening().open(room.epoch().record(), wraps.getWraps().getWraps(0).getWrap());
      var envelope = ((Reading.Read<Envelope>) Envelope.read(heard.getMessage().getBody())).value();
      assertEquals(said, envelope);
      var message = new MessageOpening(room.epoch().record(), key.key()).open(envelope, KeyHolder.known(ALL));
      var content = (MessageOpening.Message.Content) ((Reading.Read<MessageOpening.Message>) message).value();
      assertEquals("hello", content.content().toStringUtf8());
      Shown.line("sealed_send stored=1 opened=1 wraps=1");
    }
  }

  @Test
  void everything_but_a_sealed_message_of_the_sender_is_refused_with_its_code() {
    try (RawSocket anne = ANNE.enter(SERVICE)) {
      SealedRoom room = room(anne);
      Map<String, ClientFrame.Builder> kinds = unsealed(room);
      kinds.forEach((kind, request) -> assertCode(ErrorCode.PLAINTEXT_REJECTED, anne.ask(request), kind));
      Envelope tombstone = room.tombstone(ANNE, 1, MessageMaker.newId());
      ServerFrame forged = anne.ask(SealedRoom
          .send(new Envelope(tombstone.header(), tombstone.body(), new Signature(RawSocket.random(Signature.BYTES)))));
      assertCode(ErrorCode.RECORD_REFUSED, forged, "a forged tombstone");
      assertEquals("BAD_SIGNATURE", forged.getError().getFault());
      assertEquals(2, sent(anne.ask(SealedRoom.send(tombstone))));
      // Nothing overtakes: 3 is not the next one.
      assertCode(ErrorCode.OUT_OF_ORDER, anne.askOnce(SealedRoom.send(room.message(ANNE, 3))), "out of order");
      assertEquals(3, sent(anne.ask(SealedRoom.send(room.message(ANNE, 2)))));
      assertEquals(3, anne.ask(room.fetch()).getPage().getLastSeq());
      try (RawSocket token = SERVICE.welcomed("anne")) {
        assertCode(ErrorCode.DEVICE_UNPROVEN, token.ask(SealedRoom.send(room.message(ANNE, 3))), "a token alone");
        assertCode(ErrorCode.DEVICE_UNPROVEN, token.ask(room.getWraps()), "wraps for a token");
      }
      Shown.line("strict_send kinds=%d code=PLAINTEXT_REJECTED forged_tombstone=BAD_SIGNATURE control=stored"
          .formatted(kinds.size()));
    }
  }

  @Test
  void a_retry_gets_its_place_even_in_a_later_epoch_and_other_bytes_never_do() {
    try (RawSocket anne = ANNE.enter(SERVICE)) {
      SealedRoom room = room(anne);
      Envelope first = room.message(ANNE, 1);
      assertEquals(2, sent(anne.ask(SealedRoom.send(first))));
      assertTrue(anne.ask(SealedRoom.send(first)).getSent().getDuplicate());
      Envelope resealed = room.messages(ANNE).content(ChainPlace.FIRST, first.header().msgId(), 0,
          ByteString.copyFromUtf8("another"));
      assertCode(ErrorCode.DUPLICATE_DIFFERS, anne.ask(SealedRoom.send(resealed)), "other bytes");
      Envelope late = room.message(ANNE, 2);
      assertEquals(2,
          anne.ask(room.next(EpochReason.BY_USER, List.of(ADMIN, MEMBER, WAITING))).getEpochPut().getEpoch());
      ServerFrame stale = anne.ask(SealedRoom.send(late));
      assertCode(ErrorCode.STALE_EPOCH, stale, "an old epoch");
      assertEquals(2, stale.getError().getCurrentEpoch());
      assertCode(ErrorCode.OUT_OF_ORDER, anne.askOnce(SealedRoom.send(room.message(ANNE, 3))),
          "before the refused one");
      assertEquals(4, sent(anne.ask(SealedRoom.send(room.message(ANNE, 2)))));
      ServerFrame again = anne.ask(SealedRoom.send(first));
      assertEquals(2, sent(again));
      assertTrue(again.getSent().getDuplicate());
      Shown.line("sealed_retry same=place other=DUPLICATE_DIFFERS old_epoch=STALE_EPOCH resealed=stored");
    }
  }

  @Test
  void a_pending_member_learns_who_is_in_it_and_nothing_else_until_there_is_a_key() {
    try (RawSocket anne = ANNE.enter(SERVICE); RawSocket bob = BOB.enter(SERVICE)) {
      SealedRoom room = new SealedRoom(ANNE, ALL, List.of(ADMIN, BOB.as(RosterRole.MEMBER, RosterState.PENDING)));
      assertTrue(anne.ask(room.create()).hasConversation());
      assertCode(ErrorCode.MEMBER_PENDING, bob.askOnce(room.fetch()), "fetch");
      assertCode(ErrorCode.MEMBER_PENDING, bob.askOnce(room.getWraps()), "wraps");
      assertCode(ErrorCode.MEMBER_PENDING, bob.askOnce(SealedRoom.send(room.message(BOB, 1))), "send");
      assertEquals(ErrorCode.MEMBER_PENDING.number(),
          bob.ask(room.subscribe()).getSubscribed().getResults(0).getError().getCode());
      assertEquals(1, bob.ask(room.getEpochs()).getEpochs().getRecordsCount());
      assertEquals(2, anne.ask(room.next(EpochReason.ACTIVATED, List.of(ADMIN, MEMBER))).getEpochPut().getSeq());
      assertTrue(bob.ask(room.fetch()).hasPage());
      assertEquals(1, bob.ask(room.getWraps()).getWraps().getWrapsCount());
      assertEquals(3, sent(bob.ask(SealedRoom.send(room.message(BOB, 1)))));
      assertFalse(bob.ask(room.subscribe()).getSubscribed().getResults(0).hasError());
      Shown.line("pending_member refused=send,fetch,subscribe,wraps code=MEMBER_PENDING answered=epochs control=sent");
    }
  }

  @Test
  void a_removed_member_is_refused_at_once_and_hears_nothing_more() {
    try (RawSocket anne = ANNE.enter(SERVICE); RawSocket bob = BOB.enter(SERVICE)) {
      SealedRoom room = room(anne);
      assertFalse(bob.ask(room.subscribe()).getSubscribed().getResults(0).hasError());
      assertEquals(2, sent(bob.ask(SealedRoom.send(room.message(BOB, 1)))));
      assertTrue(anne.ask(remove(room)).hasConversation());
      assertTrue(bob.next(ServerFrame::hasMemberRemoved).hasMemberRemoved());
      assertCode(ErrorCode.NOT_A_MEMBER, bob.ask(room.fetch()), "fetch");
      assertCode(ErrorCode.NOT_A_MEMBER, bob.ask(room.getWraps()), "wraps");
      assertCode(ErrorCode.NOT_A_MEMBER, bob.ask(room.getEpochs()), "epochs");
      assertCode(ErrorCode.NOT_A_MEMBER, bob.ask(SealedRoom.send(room.message(BOB, 2))), "send");
      assertEquals(ErrorCode.NOT_A_MEMBER.number(),
          bob.ask(room.subscribe()).getSubscribed().getResults(0).getError().getCode());
      ServerFrame closed = anne.ask(SealedRoom.send(room.message(ANNE, 1)));
      assertCode(ErrorCode.EPOCH_CLOSED, closed, "the others");
      assertEquals(1, closed.getError().getCurrentEpoch());
      // With the next key it goes on, without them.
      assertEquals(4, anne.ask(room.next(EpochReason.REMOVED, List.of(ADMIN, WAITING))).getEpochPut().getSeq());
      assertEquals(5, sent(anne.ask(SealedRoom.send(room.message(ANNE, 1)))));
      assertCode(ErrorCode.NOT_A_MEMBER, bob.ask(room.fetch()), "fetch later");
      assertFalse(bob.seen(frame -> Math.max(frame.getMessage().getSeq(), frame.getControl().getSeq()) > 3));
      Shown.line("removed_sealed refused=5 code=NOT_A_MEMBER others=EPOCH_CLOSED heard_after=0 control=sent");
    }
  }

  @Test
  void a_login_token_alone_changes_no_members() {
    try (RawSocket anne = ANNE.enter(SERVICE); RawSocket thief = SERVICE.welcomed("anne")) {
      SealedRoom room = room(anne);
      List<ClientFrame.Builder> wishes = List.of(remove(room), leave(room), add(room));
      wishes.forEach(wish -> assertCode(ErrorCode.DEVICE_UNPROVEN, thief.ask(wish), "of a thief"));
      assertEquals(2, sent(anne.ask(SealedRoom.send(room.message(ANNE, 1)))),
          "the epoch is open, and nothing was told");
      // Who waits for a key has no account to prove, and may go.
      try (RawSocket cara = SERVICE.welcomed("cara")) {
        assertTrue(cara.ask(leave(room)).hasDone());
      }
      assertCode(ErrorCode.RECORD_REQUIRED, anne.ask(add(room)), "a proven device adds with a record");
      assertTrue(anne.ask(remove(room)).hasConversation());
      assertTrue(anne.ask(leave(room)).hasDone());
      Shown.line("token_thief refused=%d code=DEVICE_UNPROVEN pending=left control=record_required,removed,left"
          .formatted(wishes.size()));
    }
  }

  @Test
  void what_races_a_removal_is_stored_before_it_or_not_at_all() {
    int stored = 0;
    int refused = 0;
    try (RawSocket anne = ANNE.enter(SERVICE); RawSocket bob = BOB.enter(SERVICE)) {
      for (int race = 0; race < RACES; race++) {
        SealedRoom room = room(anne);
        List<Long> asked = new ArrayList<>();
        for (int i = 1; i <= IN_FLIGHT; i++) {
          asked.add(bob.send(SealedRoom.send(room.message(BOB, i))));
          if (i == 1 + race % IN_FLIGHT) {
            anne.send(remove(room));
          }
        }
        anne.next(ServerFrame::hasConversation);
        long in = 0;
        for (long id : asked) {
          ServerFrame answer = bob.next(frame -> frame.getReplyTo() == id);
          assertTrue(answer.hasSent() || List.of("NOT_A_MEMBER", "OUT_OF_ORDER").contains(answer.getError().getName()),
              answer::toString);
          in += answer.hasSent() ? 1 : 0;
        }
        List<Entry> log = anne.ask(room.fetch()).getPage().getEntriesList();
        assertEquals(2 + in, log.size());
        assertTrue(log.getLast().getControl().getClosed(), "nothing follows the end of the epoch");
        stored += (int) in;
        refused += IN_FLIGHT - (int) in;
      }
      assertTrue(bob.isOpen());
    }
    assertTrue(stored > 0 && refused > 0, "some were in time and some were not");
    Shown.line("removal_in_flight races=%d sends=%d stored=%d refused=%d after_the_end=0".formatted(RACES,
        RACES * IN_FLIGHT, stored, refused));
  }

  private static SealedRoom room(RawSocket anne) {
    SealedRoom room = new SealedRoom(ANNE, ALL, List.of(ADMIN, MEMBER, WAITING));
    ServerFrame made = anne.ask(room.create());
    assertEquals(room.id(), made.getConversation().getConversationId(), made::toString);
    return room;
  }

  private static Map<String, ClientFrame.Builder> unsealed(SealedRoom room) {
    Map<String, ClientFrame.Builder> kinds = new LinkedHashMap<>();
    Envelope honest = room.message(ANNE, 1);
    Map<String, ByteString> bodies = new LinkedHashMap<>();
    bodies.put("plain text", ByteString.copyFromUtf8("hello"));
    bodies.put("json", ByteString.copyFromUtf8("{\"msg\":\"hello\"}"));
    bodies.put("noise", RawSocket.random(Limits.BODY_BYTES_MAX));
    bodies.put("cut", honest.bytes().substring(0, honest.bytes().size() - 1));
    bodies.put("longer", honest.bytes().concat(RawSocket.random(1)));
    bodies.put("an epoch record", room.epoch().record().bytes());
    bodies.put("another's", room.message(BOB, 1).bytes());
    bodies.put("ephemeral", room.messages(ANNE).ephemeral(honest.header().msgId(), 0, ByteString.EMPTY).bytes());
    bodies.put("a receipt", room.messages(ANNE).receipt(honest.header().msgId(), 1).bytes());
    bodies.forEach((kind, body) -> kinds.put(kind, with(honest, body)));
    kinds.put("under no epoch", epoch(honest, 0));
    kinds.put("under another msg_id", msgId(honest, RawSocket.random(16)));
    Envelope elsewhere = new SealedRoom(ANNE, ALL, List.of(ADMIN)).message(ANNE, 1);
    kinds.put("of another conversation",
        with(honest, elsewhere.bytes().substring(0, 34).concat(honest.bytes().substring(34))));
    return kinds;
  }

  private static ClientFrame.Builder with(Envelope envelope, ByteString body) {
    ClientFrame.Builder send = SealedRoom.send(envelope);
    send.getSendBuilder().setBody(body);
    return send;
  }

  private static ClientFrame.Builder epoch(Envelope envelope, long epoch) {
    ClientFrame.Builder send = SealedRoom.send(envelope);
    send.getSendBuilder().setEpoch(epoch);
    return send;
  }

  private static ClientFrame.Builder msgId(Envelope envelope, ByteString msgId) {
    ClientFrame.Builder send = SealedRoom.send(envelope);
    send.getSendBuilder().setMsgId(msgId);
    return send;
  }

  private static ClientFrame.Builder remove(SealedRoom room) {
    return ClientFrame.newBuilder()
        .setRemoveMembers(RemoveMembers.newBuilder().setConversationId(room.id()).addMembers(BOB.uid().bytes()));
  }

  private static ClientFrame.Builder add(SealedRoom room) {
    return ClientFrame.newBuilder()
        .setAddMembers(AddMembers.newBuilder().setConversationId(room.id()).addMembers(RawSocket.random(Uid.BYTES)));
  }

  private static ClientFrame.Builder leave(SealedRoom room) {
    return ClientFrame.newBuilder().setLeave(Leave.newBuilder().setConversationId(room.id()));
  }

  private static long sent(ServerFrame answer) {
    assertTrue(answer.hasSent(), answer::toString);
    return answer.getSent().getSeq();
  }

  private static void assertCode(ErrorCode code, ServerFrame answer, String kind) {
    assertEquals(code.name(), answer.getError().getName(), kind);
  }
}
