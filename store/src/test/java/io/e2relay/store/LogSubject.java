// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Gap;
import io.e2relay.protocol.wire.GapReason;
import io.e2relay.protocol.wire.Message;
import io.e2relay.protocol.wire.Page;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/// A log under test with its door, and what the facts about it are told in.
interface LogSubject {
  List<EpochSpan> ALL = List.of(new EpochSpan(1, Long.MAX_VALUE));
  /// Nothing is measured by it: it is there so that what will never come ends the test, also on a slow machine.
  Duration PATIENCE = Duration.ofSeconds(60);
  Window.Bound PAGE = new Window.Bound(100, 262_144);

  Log log();

  Door door();

  static <T> T await(Future<T> future) {
    try {
      return future.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("no answer", e);
    }
  }

  default ConversationId opened() {
    ConversationId conversation = Samples.conversation();
    assertEquals(1, fence(conversation, 1, true).orElseThrow());
    return conversation;
  }

  default OptionalLong fence(ConversationId conversation, long epoch, boolean open) {
    return await(door().fence(conversation, epoch, open, Samples.CONTROL));
  }

  default OptionalLong note(ConversationId conversation) {
    return await(door().note(conversation, Samples.CONTROL));
  }

  default Outcome one(Append append) {
    return await(log().append(new Batch(List.of(append)))).getFirst();
  }

  default Place stored(Append append) {
    return assertInstanceOf(Outcome.Stored.class, one(append)).place();
  }

  default HeadState head(ConversationId conversation) {
    return await(log().heads(List.of(conversation))).getFirst();
  }

  default Page page(ConversationId conversation, long after, long upto, List<EpochSpan> readable, Window.Bound bound) {
    Window window = new Window(conversation, after, upto, readable, bound);
    return Pages.page(window, assertInstanceOf(Log.Run.class, await(log().read(window))));
  }

  default Page page(ConversationId conversation, List<EpochSpan> readable) {
    return page(conversation, 0, Long.MAX_VALUE, readable, PAGE);
  }

  static Entry gap(ConversationId conversation, long from, long to, GapReason reason) {
    return Entry.newBuilder()
        .setGap(
            Gap.newBuilder().setConversationId(conversation.bytes()).setFromSeq(from).setToSeq(to).setReason(reason))
        .build();
  }

  static Entry message(Append append, Place place) {
    return Entry.newBuilder()
        .setMessage(Message.newBuilder().setConversationId(append.conversation().bytes()).setSeq(place.seq())
            .setEpoch(place.epoch().value()).setUid(append.uid().bytes()).setDeviceId(append.key().device().bytes())
            .setMsgId(append.key().message().bytes()).setReceivedMs(place.receivedMs()).setBody(append.body().bytes()))
        .build();
  }
}
