// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.JsonFormat;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.AddMembers;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.GetConversation;
import io.e2relay.protocol.wire.Hello;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.JoinConversation;
import io.e2relay.protocol.wire.Leave;
import io.e2relay.protocol.wire.ListConversations;
import io.e2relay.protocol.wire.RefreshToken;
import io.e2relay.protocol.wire.RemoveMembers;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.Subscribe;
import io.e2relay.protocol.wire.TrustLevel;
import io.e2relay.protocol.wire.Unsubscribe;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class FrameRulesTest {
  private static final RandomGenerator RANDOM = new SplittableRandom(1);
  private static final ByteString CONVERSATION = id(32);

  /// One field of one request: a value at the limit that is accepted, and one beyond it that is refused.
  record Row(String field, ErrorCode code, ClientFrame atLimit, ClientFrame beyond) {
    @Override
    public String toString() {
      return field + " -> " + code;
    }
  }

  static Stream<Row> rows() {
    return Stream.of(AccountRows.rows(), BackupRows.rows(), EpochRows.rows(), sessionRows(), conversationRows(),
        lengthRows(), memberRows(), messageRows(), subscriptionRows()).flatMap(rows -> rows);
  }

  private static Stream<Row> sessionRows() {
    return Stream.of(
        new Row("id", ErrorCode.MALFORMED, frame(f -> f.setLeave(leave(32))),
            frame(f -> f.setId(0).setLeave(leave(32)))),
        new Row("id of all bits", ErrorCode.MALFORMED, frame(f -> f.setId(-1).setLeave(leave(32))),
            frame(f -> f.setId(0).setLeave(leave(32)))),
        new Row("hello.token", ErrorCode.TOO_LARGE, hello(h -> h.setToken("t".repeat(Limits.TOKEN_CHARS_MAX))),
            hello(h -> h.setToken("t".repeat(Limits.TOKEN_CHARS_MAX + 1)))),
        new Row("hello.device_id", ErrorCode.MALFORMED, hello(h -> h.setDeviceId(id(16))),
            hello(h -> h.setDeviceId(id(17)))),
        new Row("hello.device_id, short", ErrorCode.MALFORMED, hello(h -> h.setDeviceId(id(16))),
            hello(h -> h.setDeviceId(id(15)))),
        new Row("hello.client", ErrorCode.TOO_LARGE, hello(h -> h.setClient("c".repeat(Limits.CLIENT_CHARS_MAX))),
            hello(h -> h.setClient("c".repeat(Limits.CLIENT_CHARS_MAX + 1)))),
        new Row("hello.client, control", ErrorCode.MALFORMED, hello(h -> h.setClient("c ")),
            hello(h -> h.setClient("c\u0000"))),
        new Row("refresh_token.token", ErrorCode.TOO_LARGE, refresh(Limits.TOKEN_CHARS_MAX),
            refresh(Limits.TOKEN_CHARS_MAX + 1)));
  }

  // Numbers that no enum value has can only be set as numbers.
  @SuppressWarnings("AvoidValueSetter")
  private static Stream<Row> conversationRows() {
    return Stream.of(
        new Row("create.request_id", ErrorCode.MALFORMED, create(c -> c.setRequestId(id(16))),
            create(c -> c.setRequestId(id(17)))),
        new Row("create.level", ErrorCode.MALFORMED, create(c -> c.setLevel(TrustLevel.TRUST_LEVEL_TRANSIT)),
            create(c -> c.setLevelValue(4))),
        new Row("create.history", ErrorCode.MALFORMED, create(c -> c.setHistory(History.HISTORY_FULL)),
            create(c -> c.setHistoryValue(3))),
        new Row("create.members", ErrorCode.LIMIT_EXCEEDED,
            create(c -> c.addAllMembers(ids(16, Limits.MEMBERS_PER_REQUEST_MAX))),
            create(c -> c.addAllMembers(ids(16, Limits.MEMBERS_PER_REQUEST_MAX + 1)))),
        new Row("create.members, length", ErrorCode.MALFORMED, create(c -> c.addMembers(id(16))),
            create(c -> c.addMembers(id(16)).addMembers(id(17)))),
        new Row("create.members, twice", ErrorCode.MALFORMED, create(c -> c.addMembers(uid(1)).addMembers(uid(2))),
            create(c -> c.addMembers(uid(1)).addMembers(uid(1)))),
        new Row("list.after", ErrorCode.MALFORMED, list(32), list(31)),
        new Row("list.after, empty", ErrorCode.MALFORMED, list(0), list(1)),
        new Row("join.link_secret", ErrorCode.MALFORMED, join(32, 16), join(32, 17)),
        new Row("join.link_secret, none", ErrorCode.MALFORMED, join(32, 16), join(32, 0)));
  }

  /// Every conversation_id, one byte too long and one too short.
  private static Stream<Row> lengthRows() {
    return Stream.of(31, 33)
        .flatMap(wrong -> Stream.of(new Row("get.conversation_id", ErrorCode.MALFORMED, get(32), get(wrong)),
            new Row("leave.conversation_id", ErrorCode.MALFORMED, frame(f -> f.setLeave(leave(32))),
                frame(f -> f.setLeave(leave(wrong)))),
            new Row("join.conversation_id", ErrorCode.MALFORMED, join(32, 16), join(wrong, 16)),
            new Row("add.conversation_id", ErrorCode.MALFORMED, add(32, 1), add(wrong, 1)),
            new Row("remove.conversation_id", ErrorCode.MALFORMED, remove(32, 1), remove(wrong, 1)),
            new Row("send.conversation_id", ErrorCode.MALFORMED, send(s -> s.setEpoch(0)),
                send(s -> s.setConversationId(id(wrong)))),
            new Row("fetch.conversation_id", ErrorCode.MALFORMED, fetch(f -> f.setLimit(0)),
                fetch(f -> f.setConversationId(id(wrong)))),
            new Row("subscribe.conversation_id", ErrorCode.MALFORMED, subscribe(List.of(id(32))),
                subscribe(List.of(id(wrong)))),
            new Row("unsubscribe.conversation_id", ErrorCode.MALFORMED, unsubscribe(List.of(id(32))),
                unsubscribe(List.of(id(wrong))))));
  }

  private static Stream<Row> memberRows() {
    return Stream.of(
        new Row("add.members", ErrorCode.LIMIT_EXCEEDED, add(32, Limits.MEMBERS_PER_REQUEST_MAX),
            add(32, Limits.MEMBERS_PER_REQUEST_MAX + 1)),
        new Row("add.members, none", ErrorCode.MALFORMED, add(32, 1), add(32, 0)),
        new Row("remove.members", ErrorCode.LIMIT_EXCEEDED, remove(32, Limits.MEMBERS_PER_REQUEST_MAX),
            remove(32, Limits.MEMBERS_PER_REQUEST_MAX + 1)),
        new Row("remove.members, none", ErrorCode.MALFORMED, remove(32, 1), remove(32, 0)));
  }

  private static Stream<Row> messageRows() {
    return Stream.of(
        new Row("send.msg_id", ErrorCode.MALFORMED, send(s -> s.setMsgId(id(16))), send(s -> s.setMsgId(id(15)))),
        new Row("send.epoch", ErrorCode.MALFORMED, send(s -> s.setEpoch(Limits.SEQ_MAX)),
            send(s -> s.setEpoch(Limits.SEQ_MAX + 1))),
        new Row("send.epoch, all bits", ErrorCode.MALFORMED, send(s -> s.setEpoch(0)), send(s -> s.setEpoch(-1))),
        new Row("send.body", ErrorCode.TOO_LARGE, send(s -> s.setBody(id(Limits.BODY_BYTES_MAX))),
            send(s -> s.setBody(id(Limits.BODY_BYTES_MAX + 1)))),
        new Row("send.body, empty", ErrorCode.MALFORMED, send(s -> s.setBody(id(1))),
            send(s -> s.setBody(ByteString.EMPTY))),
        new Row("fetch.after_seq", ErrorCode.MALFORMED, fetch(f -> f.setAfterSeq(Limits.SEQ_MAX)),
            fetch(f -> f.setAfterSeq(Limits.SEQ_MAX + 1))),
        new Row("fetch.upto_seq", ErrorCode.MALFORMED, fetch(f -> f.setUptoSeq(Limits.SEQ_MAX)),
            fetch(f -> f.setUptoSeq(Limits.SEQ_MAX + 1))),
        new Row("fetch.upto_seq before after_seq", ErrorCode.MALFORMED, fetch(f -> f.setAfterSeq(7).setUptoSeq(7)),
            fetch(f -> f.setAfterSeq(7).setUptoSeq(6))));
  }

  private static Stream<Row> subscriptionRows() {
    return Stream.of(
        new Row("subscribe.cursors", ErrorCode.LIMIT_EXCEEDED, subscribe(ids(32, Limits.CURSORS_PER_REQUEST_MAX)),
            subscribe(ids(32, Limits.CURSORS_PER_REQUEST_MAX + 1))),
        new Row("subscribe.cursors, twice", ErrorCode.MALFORMED, subscribe(List.of(CONVERSATION)),
            subscribe(List.of(CONVERSATION, CONVERSATION))),
        new Row("subscribe.after_seq", ErrorCode.MALFORMED, subscribe(Limits.SEQ_MAX), subscribe(Limits.SEQ_MAX + 1)),
        new Row("unsubscribe.conversation_ids", ErrorCode.LIMIT_EXCEEDED,
            unsubscribe(ids(32, Limits.CURSORS_PER_REQUEST_MAX)),
            unsubscribe(ids(32, Limits.CURSORS_PER_REQUEST_MAX + 1))),
        new Row("unsubscribe.conversation_ids, twice", ErrorCode.MALFORMED, unsubscribe(List.of(CONVERSATION)),
            unsubscribe(List.of(CONVERSATION, CONVERSATION))));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void a_field_at_its_limit_is_accepted_and_beyond_it_refused_with_its_code(Row row) throws Exception {
    assertEquals(new Decoded.Valid(row.atLimit()), FrameCodec.decodeBinary(row.atLimit().toByteArray()));
    assertEquals(new Decoded.Valid(row.atLimit()), FrameCodec.decodeText(JsonFormat.printer().print(row.atLimit())));
    // As programs write it: without the spaces that make a text less dense.
    assertEquals(new Decoded.Valid(row.atLimit()),
        FrameCodec.decodeText(JsonFormat.printer().omittingInsignificantWhitespace().print(row.atLimit())));
    var refused = assertInstanceOf(Decoded.Malformed.class, FrameCodec.decodeBinary(row.beyond().toByteArray()));
    assertEquals(row.code(), refused.code());
    assertEquals(row.beyond().getId(), refused.id());
  }

  @Test
  void a_request_that_this_release_does_not_know_is_unsupported_and_keeps_its_id() {
    assertEquals(new Decoded.Malformed(7, ErrorCode.UNSUPPORTED, "no request that this service knows"),
        FrameCodec.decodeText("{\"id\":7,\"putFile\":{\"record\":\"AAAA\"}}"));
    assertEquals(new Decoded.Malformed(7, ErrorCode.UNSUPPORTED, "no request that this service knows"),
        FrameCodec.decodeBinary(new byte[]{0x08, 0x07, (byte) 0xc2, 0x3e, 0x00}));
  }

  @Test
  void the_first_thing_wrong_is_what_is_told() {
    var refused = (Decoded.Malformed) FrameRules.check(hello(h -> h.setDeviceId(id(3)).setClient("c".repeat(65))));
    assertEquals("device_id must have 16 bytes", refused.detail());
  }

  private static ClientFrame frame(Consumer<ClientFrame.Builder> change) {
    ClientFrame.Builder frame = ClientFrame.newBuilder().setId(7);
    change.accept(frame);
    return frame.build();
  }

  private static ClientFrame hello(Consumer<Hello.Builder> change) {
    Hello.Builder hello = Hello.newBuilder().setToken("t").setDeviceId(id(16));
    change.accept(hello);
    return frame(f -> f.setHello(hello));
  }

  private static ClientFrame refresh(int chars) {
    return frame(f -> f.setRefreshToken(RefreshToken.newBuilder().setToken("t".repeat(chars))));
  }

  private static ClientFrame create(Consumer<CreateConversation.Builder> change) {
    CreateConversation.Builder create = CreateConversation.newBuilder().setRequestId(id(16))
        .setLevel(TrustLevel.TRUST_LEVEL_OPEN);
    change.accept(create);
    return frame(f -> f.setCreateConversation(create));
  }

  private static ClientFrame get(int bytes) {
    return frame(f -> f.setGetConversation(GetConversation.newBuilder().setConversationId(id(bytes))));
  }

  private static ClientFrame list(int bytes) {
    return frame(f -> f.setListConversations(ListConversations.newBuilder().setAfter(id(bytes)).setLimit(-1)));
  }

  private static Leave leave(int bytes) {
    return Leave.newBuilder().setConversationId(id(bytes)).build();
  }

  private static ClientFrame join(int bytes, int secretBytes) {
    return frame(f -> f.setJoinConversation(
        JoinConversation.newBuilder().setConversationId(id(bytes)).setLinkSecret(id(secretBytes))));
  }

  private static ClientFrame add(int bytes, int members) {
    return frame(
        f -> f.setAddMembers(AddMembers.newBuilder().setConversationId(id(bytes)).addAllMembers(ids(16, members))));
  }

  private static ClientFrame remove(int bytes, int members) {
    return frame(f -> f
        .setRemoveMembers(RemoveMembers.newBuilder().setConversationId(id(bytes)).addAllMembers(ids(16, members))));
  }

  private static ClientFrame send(Consumer<Send.Builder> change) {
    Send.Builder send = Send.newBuilder().setConversationId(CONVERSATION).setMsgId(id(16)).setBody(id(1));
    change.accept(send);
    return frame(f -> f.setSend(send));
  }

  private static ClientFrame fetch(Consumer<Fetch.Builder> change) {
    Fetch.Builder fetch = Fetch.newBuilder().setConversationId(CONVERSATION);
    change.accept(fetch);
    return frame(f -> f.setFetch(fetch));
  }

  private static ClientFrame subscribe(List<ByteString> ids) {
    return frame(f -> f.setSubscribe(Subscribe.newBuilder()
        .addAllCursors(ids.stream().map(id -> Cursor.newBuilder().setConversationId(id).build()).toList())));
  }

  private static ClientFrame subscribe(long afterSeq) {
    return frame(f -> f.setSubscribe(
        Subscribe.newBuilder().addCursors(Cursor.newBuilder().setConversationId(CONVERSATION).setAfterSeq(afterSeq))));
  }

  private static ClientFrame unsubscribe(List<ByteString> ids) {
    return frame(f -> f.setUnsubscribe(Unsubscribe.newBuilder().addAllConversationIds(ids)));
  }

  private static ByteString uid(int first) {
    byte[] bytes = new byte[16];
    bytes[0] = (byte) first;
    return ByteString.copyFrom(bytes);
  }

  static ByteString id(int length) {
    return ClientFrames.bytes(RANDOM, length);
  }

  private static List<ByteString> ids(int length, int count) {
    return Stream.generate(() -> id(length)).limit(count).toList();
  }
}
