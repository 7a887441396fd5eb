// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.frame.Subprotocol;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class FrameScanTest {
  private static final int LIMIT = 70_000;

  @Test
  void a_message_at_the_limit_passes_and_one_byte_more_does_not_in_each_form_of_length() {
    for (int limit : new int[]{100, 125, 126, 65_535, 65_536, LIMIT}) {
      assertNull(verdict(limit, frame(0x82, limit)));
      assertEquals(CloseCode.TOO_LARGE, verdict(limit, frame(0x82, limit + 1)));
    }
    assertEquals(CloseCode.TOO_LARGE, verdict(LIMIT, header(0x82, -1)));
    assertEquals(CloseCode.TOO_LARGE, verdict(LIMIT, header(0x82, Long.MAX_VALUE)));
  }

  @Test
  void fragments_count_together_and_control_frames_between_them_do_not() {
    assertNull(verdict(100, frame(0x02, 60), frame(0x89, 125), frame(0x80, 40), frame(0x82, 100)));
    assertEquals(CloseCode.TOO_LARGE, verdict(100, frame(0x02, 60), frame(0x80, 41)));
  }

  @Test
  void what_no_client_of_this_protocol_sends_is_found_out() {
    assertEquals(CloseCode.PROTOCOL, verdict(LIMIT, frame(0x81, 1)));
    assertEquals(CloseCode.PROTOCOL, verdict(LIMIT, frame(0x80, 1)));
    assertEquals(CloseCode.PROTOCOL, verdict(LIMIT, frame(0x02, 1), frame(0x82, 1)));
    assertEquals(CloseCode.PROTOCOL, verdict(LIMIT, frame(0x83, 1)));
    assertEquals(CloseCode.PROTOCOL, verdict(LIMIT, frame(0x8b, 1)));
    assertEquals(CloseCode.PROTOCOL, verdict(LIMIT, frame(0x89, 126)));
    assertEquals(CloseCode.PROTOCOL, verdict(LIMIT, frame(0x09, 1)));
    assertEquals(CloseCode.PROTOCOL, verdict(LIMIT, frame(0x88, 1)));
    assertEquals(CloseCode.PROTOCOL, verdict(LIMIT, frame(0xc2, 1)));
    assertEquals(CloseCode.PROTOCOL, verdict(LIMIT, Unpooled.wrappedBuffer(new byte[]{(byte) 0x82, 1, 0})));
    assertNull(verdict(LIMIT, frame(0x82, 1), frame(0x88, 2)));
  }

  @Test
  void what_came_before_the_bad_frame_may_pass_however_it_is_cut() {
    SplittableRandom random = new SplittableRandom(1);
    for (int round = 0; round < 300; round++) {
      int good = random.nextInt(200);
      ByteBuf stream = Unpooled.wrappedBuffer(frame(0x82, good), frame(0x89, 3), frame(0x82, LIMIT + 1));
      int bad = stream.readableBytes() - frame(0x82, LIMIT + 1).readableBytes();
      FrameScan scan = new FrameScan(Subprotocol.PROTOBUF, () -> LIMIT);
      int passed = 0;
      while (scan.verdict() == null) {
        int cut = Math.min(stream.readableBytes(), 1 + random.nextInt(40));
        passed += scan.scan(stream.readSlice(cut));
      }
      assertEquals(CloseCode.TOO_LARGE, scan.verdict());
      // Of the bad frame at most a part of its header has passed.
      assertEquals(bad, Math.min(bad, passed));
      assertEquals(0, Math.max(0, passed - bad - 13));
    }
  }

  @Test
  void behind_a_bad_frame_the_answer_to_the_close_is_still_seen() {
    FrameScan scan = new FrameScan(Subprotocol.PROTOBUF, () -> 100);
    assertEquals(0, scan.scan(frame(0x82, 101)));
    assertEquals(0, scan.scan(frame(0x82, 50)));
    assertFalse(scan.isAnswered());
    assertEquals(0, scan.scan(frame(0x88, 2)));
    assertTrue(scan.isAnswered());
  }

  private static @Nullable CloseCode verdict(int limit, ByteBuf... frames) {
    FrameScan scan = new FrameScan(Subprotocol.PROTOBUF, () -> limit);
    scan.scan(Unpooled.wrappedBuffer(frames));
    return scan.verdict();
  }

  private static ByteBuf frame(int first, int length) {
    return Unpooled.wrappedBuffer(header(first, length), Unpooled.buffer(length).writeZero(length));
  }

  private static ByteBuf header(int first, long length) {
    ByteBuf header = Unpooled.buffer().writeByte(first);
    if (length >= 0 && length < 126) {
      header.writeByte(0x80 | (int) length);
    } else if (length >= 0 && length <= 0xffff) {
      header.writeByte(0x80 | 126).writeShort((int) length);
    } else {
      header.writeByte(0x80 | 127).writeLong(length);
    }
    return header.writeInt(0);
  }
}
