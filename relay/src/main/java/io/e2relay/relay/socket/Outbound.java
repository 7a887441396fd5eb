// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;

/// Writes whole encoded frames past Vert.x's own queue, which would flush each; bounded by the channel's water marks.
final class Outbound {
  private final ChannelHandlerContext context;
  private final LoopFlush flush;
  private final int bytesMax;
  private boolean dirty;
  private boolean closed;

  Outbound(ChannelHandlerContext context, LoopFlush flush, int bytesMax) {
    this.context = context;
    this.flush = flush;
    this.bytesMax = bytesMax;
  }

  boolean writable() {
    return !closed && context.channel().isWritable();
  }

  /// Takes over the reference.
  void write(ByteBuf frame) {
    if (closed) {
      frame.release();
      return;
    }
    context.write(frame, context.voidPromise());
    if (!context.channel().isWritable()) {
      // The kernel may still have room.
      context.flush();
    } else if (!dirty) {
      dirty = true;
      flush.add(this);
    }
  }

  void flush() {
    dirty = false;
    if (!closed) {
      context.flush();
    }
  }

  /// Nothing is written after this; what was written still leaves.
  void close() {
    flush();
    closed = true;
  }

  void reading(boolean on) {
    context.channel().config().setAutoRead(on);
  }

  /// Closes the connection under Vert.x, which would wait for the client: its handler stands behind this context.
  void cut() {
    context.close();
  }

  long queuedBytes() {
    Channel channel = context.channel();
    if (closed) {
      return 0;
    }
    return channel.isWritable()
        ? Math.max(0, bytesMax - channel.bytesBeforeUnwritable())
        : bytesMax / 2 + channel.bytesBeforeWritable();
  }
}
