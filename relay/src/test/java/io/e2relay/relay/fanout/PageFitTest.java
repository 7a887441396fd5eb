// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.frame.FrameCodec;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Gap;
import io.e2relay.protocol.wire.Message;
import io.e2relay.protocol.wire.Page;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.relay.world.World;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PageFitTest {
  private static final int FRAME_BYTES = 50_000;

  @ParameterizedTest
  @EnumSource(Subprotocol.class)
  void a_page_always_fits_and_goes_on_where_the_one_before_stopped(Subprotocol subprotocol) {
    SplittableRandom random = new SplittableRandom(4);
    for (int round = 0; round < 200; round++) {
      Page.Builder page = page();
      int bodies = random.nextInt(1, 30_000);
      for (int i = 1; i <= 60; i++) {
        page.addEntries(message(i, 1 + i / 20, random.nextInt(bodies)));
      }
      Page cut = PageFit.toFrame(page.setThroughSeq(60).build(), subprotocol, FRAME_BYTES);
      assertEquals(cut.getEntriesCount(), cut.getThroughSeq());
      assertTrue(cut.getEntriesCount() > 0);
      assertTrue(bytes(cut, subprotocol) <= FRAME_BYTES);
      // Not much shorter than it could be.
      assertTrue(cut.getEntriesCount() == 60 || bytes(cut, subprotocol) > FRAME_BYTES / 4);
    }
  }

  @Test
  void nothing_of_a_later_epoch_stays_and_gaps_belong_to_none() {
    Page page = page().addEntries(message(1, 1, 0)).addEntries(gap(2, 5)).addEntries(message(6, 2, 0))
        .addEntries(message(7, 3, 0)).setThroughSeq(7).build();
    assertEquals(6, PageFit.toEpoch(page, 2).getThroughSeq());
    assertEquals(5, PageFit.toEpoch(page, 1).getThroughSeq());
    assertEquals(page, PageFit.toEpoch(page, 3));
    assertEquals(0, PageFit.toEpoch(page, 0).getThroughSeq());
    assertEquals(0, PageFit.toEpoch(page, 0).getEntriesCount());
  }

  private static int bytes(Page page, Subprotocol subprotocol) {
    ServerFrame frame = ServerFrame.newBuilder().setReplyTo(Long.MAX_VALUE).setServerMs(Long.MAX_VALUE).setPage(page)
        .build();
    return switch (subprotocol) {
      case PROTOBUF -> FrameCodec.encodeBinary(frame).length;
      case JSON -> FrameCodec.encodeText(frame).getBytes(StandardCharsets.UTF_8).length;
    };
  }

  private static Page.Builder page() {
    return Page.newBuilder().setConversationId(World.conversation(1)).setLastSeq(1_000);
  }

  private static Entry message(long seq, long epoch, int bytes) {
    return Entry.newBuilder()
        .setMessage(Message.newBuilder().setConversationId(World.conversation(1)).setSeq(seq).setEpoch(epoch)
            .setUid(World.user(1)).setDeviceId(World.user(2)).setMsgId(World.user(3)).setReceivedMs(Long.MAX_VALUE)
            .setBody(ByteString.copyFrom(new byte[bytes])))
        .build();
  }

  private static Entry gap(long from, long to) {
    return Entry.newBuilder().setGap(Gap.newBuilder().setFromSeq(from).setToSeq(to)).build();
  }
}
