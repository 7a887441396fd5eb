// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import io.e2relay.protocol.error.CloseCode;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;

/// Stands before the decoder: stops what must not come in before it costs memory, and hears when the socket can be
/// written to again. Once it has stopped something it lets nothing more in.
final class FrameGate extends ChannelInboundHandlerAdapter {
  private static final String NAME = "e2relay-gate";

  private final FrameScan scan;
  private final Consumer<CloseCode> stopped;
  private final Runnable answered;
  private final Runnable writabilityChanged;

  FrameGate(FrameScan scan, Consumer<CloseCode> stopped, Runnable answered, Runnable writabilityChanged) {
    this.scan = scan;
    this.stopped = stopped;
    this.answered = answered;
    this.writabilityChanged = writabilityChanged;
  }

  void install(ChannelPipeline pipeline) {
    // Vert.x offers no place before its decoder; the decoder's class is the one thing that is sure to be there.
    for (var entry : pipeline) {
      if (entry.getValue() instanceof WebSocketFrameDecoder) {
        pipeline.addBefore(entry.getKey(), NAME, this);
        return;
      }
    }
    throw new IllegalStateException("a WebSocket without a frame decoder");
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      ReferenceCountUtil.release(message);
      return;
    }
    boolean stoppedBefore = scan.verdict() != null;
    int good = scan.scan(bytes);
    CloseCode verdict = scan.verdict();
    if (verdict == null) {
      context.fireChannelRead(bytes);
      return;
    }
    if (good > 0) {
      context.fireChannelRead(bytes.readRetainedSlice(good));
    }
    bytes.release();
    if (!stoppedBefore) {
      stopped.accept(verdict);
    }
    if (scan.isAnswered()) {
      answered.run();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    writabilityChanged.run();
    context.fireChannelWritabilityChanged();
  }
}
