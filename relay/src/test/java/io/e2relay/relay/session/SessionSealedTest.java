// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import static io.e2relay.relay.session.SessionDriver.ANNE;
import static io.e2relay.relay.session.SessionDriver.CONVERSATION;
import static io.e2relay.relay.session.SessionDriver.DEVICE;
import static io.e2relay.relay.session.SessionDriver.KEY;
import static io.e2relay.relay.session.SessionDriver.assertRefused;
import static io.e2relay.relay.session.SessionDriver.frame;
import static io.e2relay.relay.world.SealedSender.random;
import static io.e2relay.relay.world.SealedSender.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.AppendReply;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Limits;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.MessageType;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.Sent;
import io.e2relay.relay.world.SealedSender;
import io.e2relay.relay.world.SealedSender.Header;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What becomes of messages to an encrypted conversation, before the store sees them.
final class SessionSealedTest {
  private static final SessionLimits LIMITS = new SessionLimits(16_384, 524_288, Limits.BODY_BYTES_MAX, 10, 20, 6, 4, 5,
      100, 100, Duration.ofSeconds(5), Duration.ofSeconds(25));
  private static final Hash HASH = new Hash(random(Hash.BYTES));
  private static final Placed SEALED_1 = new Placed.Sealed(1, HASH);
  private static final Placed SEALED_2 = new Placed.Sealed(2, HASH);

  private final SealedSender phone = new SealedSender(CONVERSATION, ANNE.uid().bytes(), DEVICE, HASH);
  private final SessionDriver driver = SessionDriver.proven(LIMITS);

  @Test
  void nothing_is_stored_but_sealed_messages_of_the_sender_in_their_place() {
    Map<String, Send> kinds = new LinkedHashMap<>();
    texts().forEach((kind, body) -> kinds.put(kind, honest(s -> s.setBody(body))));
    kinds.putAll(misplaced());
    ByteString genuine = phone.message(1, 1).bytes();
    IntStream.range(1, genuine.size())
        .forEach(length -> kinds.put("cut after " + length, honest(s -> s.setBody(genuine.substring(0, length)))));
    ByteString tombstone = phone.tombstone(1, 1).bytes();
    IntStream.range(1, tombstone.size()).forEach(
        length -> kinds.put("tombstone cut after " + length, honest(s -> s.setBody(tombstone.substring(0, length)))));
    kinds.forEach((kind, send) -> {
      SessionDriver one = SessionDriver.proven(LIMITS);
      List<Effect> effects = placed(one, send, SEALED_1);
      assertEquals(ErrorCode.PLAINTEXT_REJECTED.name(), frame(effects).getError().getName(), kind);
      assertTrue(effects.contains(new Effect.CountRefused(ErrorCode.PLAINTEXT_REJECTED.number())), kind);
      assertFalse(effects.stream().anyMatch(SessionSealedTest::stores), kind);
      assertEquals(0, one.session.pendingSends(), kind);
    });
    for (Envelope control : List.of(phone.message(1, 1), phone.tombstone(1, 1))) {
      SessionDriver one = SessionDriver.proven(LIMITS);
      assertTrue(stores(placed(one, request(control), SEALED_1).getFirst()));
      assertEquals(5, frame(one.session.appended(2, sent(5))).getSent().getSeq());
    }
    IO.println("shown: strict-envelopes kinds=%d refused=%d control=stored".formatted(kinds.size(), kinds.size()));
  }

  @Test
  void what_is_stored_is_exactly_what_was_sent_under_the_epoch_that_it_names() {
    Envelope message = phone.message(2, 7);
    var stored = append(placed(driver, request(message), SEALED_2));
    assertEquals(message.bytes(), stored.question().getBody());
    assertEquals(2, stored.question().getEpoch());
    assertEquals(DEVICE, stored.question().getDeviceId());
    assertEquals(new Signed(message, HASH, KEY), stored.signed());
    assertFalse(stored.signed().always());
  }

  @Test
  void the_signature_of_a_tombstone_is_always_looked_at_and_a_forged_one_is_refused() {
    assertTrue(append(placed(driver, request(phone.tombstone(1, 1)), SEALED_1)).signed().always());
    List<Effect> effects = driver.session.forged(2);
    assertRefused(effects, 2, ErrorCode.RECORD_REFUSED);
    assertEquals("BAD_SIGNATURE", frame(effects).getError().getFault());
    assertTrue(effects.contains(new Effect.CountRefused(ErrorCode.RECORD_REFUSED.number())));
    // The control; its number is still the one that has to come.
    assertTrue(stores(placed(driver, 3, request(phone.tombstone(1, 1)), SEALED_1).getFirst()));
  }

  @Test
  void a_device_that_has_not_proven_itself_sends_nothing() {
    SessionDriver token = SessionDriver.ready();
    assertRefused(placed(token, request(phone.message(1, 1)), SEALED_1), 2, ErrorCode.DEVICE_UNPROVEN);
    assertTrue(stores(placed(driver, request(phone.message(1, 1)), SEALED_1).getFirst()));
  }

  @Test
  void who_is_not_active_in_the_epoch_is_refused_before_anything_is_looked_at() {
    for (ErrorCode code : List.of(ErrorCode.NOT_A_MEMBER, ErrorCode.MEMBER_PENDING, ErrorCode.STALE_EPOCH)) {
      SessionDriver one = SessionDriver.proven(LIMITS);
      List<Effect> effects = placed(one, request(phone.message(1, 4)), new Placed.Out(code, 3));
      assertRefused(effects, 2, code);
      // The number that was refused is the one that has to come.
      assertRefused(placed(one, 3, request(phone.message(3, 5)), new Placed.Sealed(3, HASH)), 3,
          ErrorCode.OUT_OF_ORDER);
      assertTrue(stores(placed(one, 4, request(phone.message(3, 4)), new Placed.Sealed(3, HASH)).getFirst()));
    }
  }

  @Test
  void the_first_number_is_free_and_then_one_follows_the_other() {
    stored(2, 41);
    stored(3, 42);
    assertRefused(placed(driver, 4, request(phone.message(1, 44)), SEALED_1), 4, ErrorCode.OUT_OF_ORDER);
    stored(5, 43);
    // A retry: the store has its answer, and the next number stays the next one.
    assertTrue(stores(placed(driver, 6, request(phone.message(1, 42)), SEALED_1).getFirst()));
    assertRefused(driver.session.appended(6, refusal(ErrorCode.DUPLICATE_DIFFERS)), 6, ErrorCode.DUPLICATE_DIFFERS);
    stored(7, 44);
  }

  @Test
  void after_a_refusal_the_next_one_is_refused_too_until_the_refused_one_came() {
    for (ErrorCode code : List.of(ErrorCode.EPOCH_CLOSED, ErrorCode.UNAVAILABLE, ErrorCode.DUPLICATE_DIFFERS)) {
      SessionDriver one = SessionDriver.proven(LIMITS);
      placed(one, request(phone.message(1, 4)), SEALED_1);
      assertRefused(one.session.appended(2, refusal(code)), 2, code);
      assertRefused(placed(one, 3, request(phone.message(1, 5)), SEALED_1), 3, ErrorCode.OUT_OF_ORDER);
      assertTrue(stores(placed(one, 4, request(phone.message(2, 4)), SEALED_2).getFirst()));
      one.session.appended(4, sent(1));
      assertTrue(stores(placed(one, 5, request(phone.message(2, 5)), SEALED_2).getFirst()));
    }
  }

  @Test
  void one_is_on_its_way_at_a_time_and_those_behind_a_refused_one_are_refused() {
    driver.receive(SealedSender.send(2, phone.message(1, 1)));
    for (int i = 2; i <= 4; i++) {
      assertEquals(List.of(), driver.receive(SealedSender.send(1 + i, phone.message(1, i))));
    }
    assertEquals(List.of(2L), ids(driver.session.placed(CONVERSATION, SEALED_1)));
    assertEquals(List.of(), driver.session.placed(CONVERSATION, SEALED_1));
    assertTrue(driver.session.appended(2, sent(8)).contains(new Effect.Place(CONVERSATION, 1, 0)));
    assertEquals(List.of(3L), ids(driver.session.placed(CONVERSATION, SEALED_1)));
    driver.session.appendFailed(3);
    List<Effect> effects = driver.session.placed(CONVERSATION, SEALED_1);
    assertEquals(List.of(4L, 5L), effects.stream().filter(Effect.Reply.class::isInstance)
        .map(e -> ((Effect.Reply) e).frame().getReplyTo()).toList());
    assertRefused(effects, 4, ErrorCode.OUT_OF_ORDER);
    assertEquals(0, driver.session.pendingSends());
  }

  @Test
  void an_encrypted_conversation_is_never_retried_by_the_service() {
    placed(driver, request(phone.message(1, 1)), SEALED_1);
    List<Effect> effects = driver.session.appended(2,
        AppendReply.newBuilder().setRefusal(ErrorCode.STALE_EPOCH.refusal().toBuilder().setCurrentEpoch(2)).build());
    assertRefused(effects, 2, ErrorCode.STALE_EPOCH);
    assertEquals(2, frame(effects).getError().getCurrentEpoch());
  }

  @Test
  void what_was_refused_for_its_haste_is_not_overtaken_either() {
    int in = LIMITS.requestsInFlight();
    for (int i = 0; i < in; i++) {
      driver.receive(SealedSender.send(100 + i, phone.message(1, 1, h -> conversation(h, random(32)))));
    }
    assertRefused(driver.receive(SealedSender.send(2, phone.message(1, 6))), 2, ErrorCode.TOO_MANY_IN_FLIGHT);
    driver.session.failed(100);
    assertRefused(placed(driver, 3, request(phone.message(1, 7)), SEALED_1), 3, ErrorCode.OUT_OF_ORDER);
    assertTrue(stores(placed(driver, 4, request(phone.message(1, 6)), SEALED_1).getFirst()));

    SessionDriver hasty = SessionDriver.proven(LIMITS);
    for (int i = 0; i < LIMITS.requestBurst(); i++) {
      hasty.receive(SessionDriver.hello(100 + i));
    }
    assertRefused(hasty.receive(SealedSender.send(2, phone.message(1, 6))), 2, ErrorCode.TOO_FAST);
    hasty.now += 60_000;
    assertRefused(placed(hasty, 3, request(phone.message(1, 7)), SEALED_1), 3, ErrorCode.OUT_OF_ORDER);
    assertTrue(stores(placed(hasty, 4, request(phone.message(1, 6)), SEALED_1).getFirst()));
  }

  @Test
  void the_numbers_of_as_many_conversations_are_kept_as_a_client_may_subscribe_to() {
    Identity anne = new Identity(ANNE.tenant().bytes(), ANNE.uid().bytes(), DEVICE, KEY);
    SendLanes lanes = new SendLanes(anne, 3);
    for (int i = 0; i < 10; i++) {
      ByteString conversation = random(32);
      lanes.passedOver(request(phone.message(1, 9, h -> conversation(h, conversation))));
      assertTrue(lanes.orders() <= 3);
    }
    assertEquals(3, lanes.orders());
    assertEquals(0, lanes.pending());
  }

  private Map<String, ByteString> texts() {
    Map<String, ByteString> texts = new LinkedHashMap<>();
    texts.put("plain text", ByteString.copyFromUtf8("hello"));
    texts.put("json with msg", ByteString.copyFromUtf8("{\"msg\":\"hello\"}"));
    texts.put("open content", ByteString.copyFromUtf8("{\"kind\":\"text\",\"text\":\"hello\"}"));
    texts.put("json as long as an envelope", ByteString.copyFromUtf8("{\"msg\":\"" + "h".repeat(519) + "\"}"));
    texts.put("a protobuf message", request(phone.message(1, 1)).toByteString());
    texts.put("base64 of an envelope", ByteString
        .copyFromUtf8(java.util.Base64.getEncoder().encodeToString(phone.message(1, 1).bytes().toByteArray())));
    texts.put("zeros", ByteString.copyFrom(new byte[530]));
    texts.put("noise", random(530));
    texts.put("66 KiB of noise", random(Limits.BODY_BYTES_MAX));
    texts.put("an epoch record with an empty roster", emptyRoster());
    texts.put("a byte more", phone.message(1, 1).bytes().concat(random(1)));
    texts.put("a tombstone and a byte more", phone.tombstone(1, 1).bytes().concat(random(1)));
    texts.put("two envelopes", phone.message(1, 1).bytes().concat(phone.message(1, 1).bytes()));
    texts.put("another version", byteAt(0, 2));
    texts.put("no type", byteAt(1, 0));
    texts.put("an unknown type", byteAt(1, 5));
    texts.put("epoch 0", byteAt(37, 0));
    texts.put("a message without a number", byteAt(93, 0));
    return texts;
  }

  /// Honest envelopes that are not what the request or the connection says of them.
  private Map<String, Send> misplaced() {
    Map<String, Send> misplaced = new LinkedHashMap<>();
    misplaced.put("of another conversation",
        honest(s -> s.setBody(phone.message(1, 1, h -> conversation(h, random(32))).bytes())));
    misplaced.put("of another epoch", honest(s -> s
        .setBody(like(s, h -> new Header(h.type(), h.conversation(), 2, h.uid(), h.device(), h.msgId(), h.seq())))));
    misplaced.put("of another user", honest(s -> s
        .setBody(like(s, h -> new Header(h.type(), h.conversation(), 1, random(16), h.device(), h.msgId(), h.seq())))));
    misplaced.put("of another device", honest(s -> s
        .setBody(like(s, h -> new Header(h.type(), h.conversation(), 1, h.uid(), random(16), h.msgId(), h.seq())))));
    misplaced.put("of another msg_id", honest(s -> s.setMsgId(random(16))));
    misplaced.put("an ephemeral one", honest(s -> s.setBody(like(s, h -> typed(h, MessageType.EPHEMERAL)))));
    misplaced.put("a receipt", honest(s -> s.setBody(like(s, h -> typed(h, MessageType.RECEIPT)))));
    misplaced.put("under no epoch", honest(s -> s.setEpoch(0)));
    return misplaced;
  }

  private Send honest(UnaryOperator<Send.Builder> change) {
    return change.apply(request(phone.message(1, 1)).toBuilder()).build();
  }

  private ByteString like(Send.Builder send, UnaryOperator<Header> change) {
    return phone
        .message(1, 1,
            h -> change.apply(
                new Header(h.type(), h.conversation(), h.epoch(), h.uid(), h.device(), send.getMsgId(), h.seq())))
        .bytes();
  }

  private static Header conversation(Header header, ByteString conversation) {
    return new Header(header.type(), conversation, header.epoch(), header.uid(), header.device(), header.msgId(),
        header.seq());
  }

  private static Header typed(Header header, MessageType type) {
    return new Header(type, header.conversation(), header.epoch(), header.uid(), header.device(), header.msgId(),
        header.seq());
  }

  private ByteString byteAt(int place, int value) {
    byte[] bytes = phone.message(1, 1).bytes().toByteArray();
    bytes[place] = (byte) value;
    return ByteString.copyFrom(bytes);
  }

  private static ByteString emptyRoster() {
    byte[] record = new byte[220];
    record[0] = 1;
    record[2] = 1;
    return ByteString.copyFrom(record);
  }

  private void stored(long id, long seq) {
    assertTrue(stores(placed(driver, id, request(phone.message(1, seq)), SEALED_1).getFirst()));
    assertEquals(id, frame(driver.session.appended(id, sent(seq))).getReplyTo());
  }

  private static List<Effect> placed(SessionDriver driver, Send send, Placed placed) {
    return placed(driver, 2, send, placed);
  }

  private static List<Effect> placed(SessionDriver driver, long id, Send send, Placed placed) {
    assertEquals(List.of(new Effect.Place(CONVERSATION, send.getEpoch(), 0)),
        driver.receive(ClientFrame.newBuilder().setId(id).setSend(send).build()));
    return driver.session.placed(CONVERSATION, placed);
  }

  private static Effect.AppendSealed append(List<Effect> effects) {
    return (Effect.AppendSealed) effects.getFirst();
  }

  private static boolean stores(Effect effect) {
    return effect instanceof Effect.AppendSealed || effect instanceof Effect.Append;
  }

  private static List<Long> ids(List<Effect> effects) {
    return effects.stream().map(e -> ((Effect.AppendSealed) e).id()).toList();
  }

  private static AppendReply sent(long seq) {
    return AppendReply.newBuilder().setSent(Sent.newBuilder().setSeq(seq).setEpoch(1)).build();
  }

  private static AppendReply refusal(ErrorCode code) {
    return AppendReply.newBuilder().setRefusal(code.refusal()).build();
  }
}
