// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Internal;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.e2relay.protocol.bus.wire.CommittedHint;
import io.e2relay.protocol.bus.wire.HeadsCall;
import io.e2relay.protocol.bus.wire.HeadsReply;
import io.e2relay.protocol.bus.wire.ProbeCall;
import io.e2relay.protocol.bus.wire.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class BusTest {
  private static final HeadsCall QUESTION = HeadsCall.newBuilder().addConversationIds(ByteString.copyFrom(new byte[32]))
      .build();
  private static final HeadsReply ANSWER = HeadsReply.newBuilder().setRefusal(Refusal.newBuilder().setCode(500))
      .build();

  private final Vertx vertx = Vertx.vertx();
  private final Bus bus = Bus.of(vertx, Duration.ofSeconds(5));

  @AfterEach
  void close() throws TimeoutException {
    await(vertx.close());
  }

  static Stream<Message> messages() {
    return Stream.concat(Calls.all().stream().flatMap(call -> Stream.of(call.question(), call.answer())),
        Calls.hints().stream().map(Hint::type)).distinct().map(Internal::getDefaultInstance);
  }

  @Test
  void question_and_answer_are_passed_by_reference_on_one_node() throws TimeoutException {
    Promise<HeadsCall> heard = Promise.promise();
    await(bus.answer(Calls.HEADS, question -> {
      heard.complete(question);
      return Future.succeededFuture(ANSWER);
    }));
    assertSame(ANSWER, await(bus.ask(Calls.HEADS, QUESTION)));
    assertSame(QUESTION, await(heard.future()));
  }

  @Test
  void a_second_bus_of_the_same_node_speaks_with_the_first() throws TimeoutException {
    await(bus.answer(Calls.HEADS, _ -> Future.succeededFuture(ANSWER)));
    assertSame(ANSWER, await(Bus.of(vertx, Duration.ofSeconds(5)).ask(Calls.HEADS, QUESTION)));
  }

  @Test
  void news_reach_every_listener_until_it_is_unregistered() throws TimeoutException {
    CommittedHint first = CommittedHint.newBuilder().build();
    CommittedHint second = CommittedHint.newBuilder().build();
    Promise<CommittedHint> one = Promise.promise();
    Promise<CommittedHint> other = Promise.promise();
    Promise<CommittedHint> later = Promise.promise();
    Bus.Registration listener = await(bus.listen(Calls.COMMITTED, one::tryComplete));
    await(bus.listen(Calls.COMMITTED, news -> {
      if (!other.tryComplete(news)) {
        later.complete(news);
      }
    }));
    bus.tell(Calls.COMMITTED, first);
    assertSame(first, await(one.future()));
    assertSame(first, await(other.future()));
    await(listener.unregister());
    bus.tell(Calls.COMMITTED, second);
    assertSame(second, await(later.future()));
  }

  @Test
  void a_handler_that_fails_is_a_failed_future_and_tells_no_cause() throws TimeoutException {
    await(bus.answer(Calls.HEADS, _ -> Future.failedFuture("the password is wrong")));
    ReplyException failure = failure(bus.ask(Calls.HEADS, QUESTION));
    assertEquals(ReplyFailure.RECIPIENT_FAILURE, failure.failureType());
    assertEquals("failed", failure.getMessage());
  }

  @Test
  void a_handler_that_throws_is_a_failed_future() throws TimeoutException {
    await(bus.answer(Calls.HEADS, _ -> {
      throw new IllegalStateException("a bug");
    }));
    assertEquals(ReplyFailure.RECIPIENT_FAILURE, failure(bus.ask(Calls.HEADS, QUESTION)).failureType());
  }

  @Test
  void a_question_that_nobody_answers_is_a_failed_future() throws TimeoutException {
    assertEquals(ReplyFailure.NO_HANDLERS, failure(bus.ask(Calls.HEADS, QUESTION)).failureType());
    Bus.Registration registration = await(bus.answer(Calls.HEADS, _ -> Future.succeededFuture(ANSWER)));
    assertSame(ANSWER, await(bus.ask(Calls.HEADS, QUESTION)));
    await(registration.unregister());
    assertEquals(ReplyFailure.NO_HANDLERS, failure(bus.ask(Calls.HEADS, QUESTION)).failureType());
  }

  @Test
  void an_answer_that_does_not_come_in_time_is_a_failed_future() throws TimeoutException {
    await(bus.answer(Calls.HEADS, _ -> Promise.<HeadsReply>promise().future()));
    assertEquals(ReplyFailure.TIMEOUT,
        failure(Bus.of(vertx, Duration.ofMillis(50)).ask(Calls.HEADS, QUESTION)).failureType());
  }

  @ParameterizedTest
  @MethodSource("messages")
  void every_message_of_the_bus_travels_as_bytes_and_keeps_what_a_later_release_added(Message prototype) {
    Message sent = prototype.newBuilderForType().setUnknownFields(
        UnknownFieldSet.newBuilder().addField(3_000, UnknownFieldSet.Field.newBuilder().addVarint(7).build()).build())
        .build();
    MessageCodec codec = new MessageCodec();
    Buffer wire = Buffer.buffer("before");
    codec.encodeToWire(wire, sent);
    assertEquals(sent, codec.decodeFromWire("before".length(), wire.appendString("after")));
  }

  @Test
  void bytes_that_are_no_message_of_the_bus_are_refused() {
    MessageCodec codec = new MessageCodec();
    Buffer unknown = Buffer.buffer().appendUnsignedByte((short) 1).appendString("X").appendInt(0);
    assertThrows(IllegalArgumentException.class, () -> codec.decodeFromWire(0, unknown));
    Buffer spoilt = Buffer.buffer().appendUnsignedByte((short) 9).appendString("ProbeCall").appendInt(1)
        .appendByte((byte) 0xff);
    assertThrows(IllegalArgumentException.class, () -> codec.decodeFromWire(0, spoilt));
    Buffer control = Buffer.buffer().appendUnsignedByte((short) 9).appendString("ProbeCall").appendInt(0);
    assertEquals(ProbeCall.getDefaultInstance(), codec.decodeFromWire(0, control));
  }

  @Test
  void no_two_calls_share_an_address() {
    Set<String> addresses = new HashSet<>();
    Calls.all().forEach(call -> assertTrue(addresses.add(call.address()), call.address()));
    Calls.hints().forEach(hint -> assertTrue(addresses.add(hint.address()), hint.address()));
  }

  private static ReplyException failure(Future<?> future) {
    return assertThrows(ReplyException.class, () -> await(future));
  }

  private static <T> T await(Future<T> future) throws TimeoutException {
    return future.await(10, TimeUnit.SECONDS);
  }
}
