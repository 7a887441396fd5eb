// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.buffer.Buffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// However the stream of frames is cut into pieces, the same frames are counted.
final class FrameWalkTest {
  private static final int BINARY = 0x82;
  private static final int PING = 0x89;
  private static final int CUTS = 500;

  @Test
  void frames_of_every_length_are_counted_in_whatever_pieces_they_come() {
    Buffer stream = Buffer.buffer();
    for (int length : new int[]{0, 1, 30, 125, 126, 1024, 65_535, 65_536, 70_000}) {
      frame(stream, BINARY, length);
    }
    frame(stream, PING, 100);
    Random random = new Random(1);
    for (int cut = 0; cut < CUTS; cut++) {
      FrameWalk large = new FrameWalk(512, Integer.MAX_VALUE);
      FrameWalk small = new FrameWalk(1, 40);
      int at = 0;
      int largeEnded = 0;
      int smallEnded = 0;
      while (at < stream.length()) {
        int end = Math.min(stream.length(), at + 1 + random.nextInt(cut % 2 == 0 ? 20 : 40_000));
        largeEnded += large.ended(stream.getBuffer(at, end));
        smallEnded += small.ended(stream.getBuffer(at, end));
        at = end;
      }
      assertEquals(4, largeEnded);
      assertEquals(2, smallEnded);
    }
    IO.println("shown: bench frames=10 cuts=%d large=4 small=2".formatted(CUTS));
  }

  private static void frame(Buffer stream, int first, int length) {
    stream.appendUnsignedByte((short) first);
    if (length < 126) {
      stream.appendUnsignedByte((short) length);
    } else if (length <= 0xffff) {
      stream.appendUnsignedByte((short) 126).appendUnsignedShort(length);
    } else {
      stream.appendUnsignedByte((short) 127).appendLong(length);
    }
    stream.appendBytes(new byte[length]);
  }
}
