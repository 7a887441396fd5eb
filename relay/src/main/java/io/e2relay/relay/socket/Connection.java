// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.UserState;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.frame.Decoded;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.relay.RelayConfig;
import io.e2relay.relay.fanout.LiveEntry;
import io.e2relay.relay.fanout.Outlet;
import io.e2relay.relay.fanout.WireBytes;
import io.e2relay.relay.session.Effect;
import io.e2relay.relay.session.Session;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.internal.http.WebSocketInternal;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// One WebSocket: bytes in to the session, the session's effects out. Everything runs on its event loop.
final class Connection implements Outlet {
  private final RelayLoop loop;
  private final ServerWebSocket socket;
  private final Subprotocol subprotocol;
  private final Session session;
  private final Effects effects;
  private final Heartbeat heartbeat;
  private final Outbound outbound;
  private final Promise<Void> gone = Promise.promise();
  private final HeldNews held;
  private boolean closed;
  private boolean lagging;
  private boolean reading = true;
  private long laggingSinceMs;

  Connection(RelayLoop loop, ServerWebSocket socket, Subprotocol subprotocol) {
    RelayConfig config = loop.node.config();
    long nowMs = loop.node.clock().millis();
    this.loop = loop;
    this.socket = socket;
    this.subprotocol = subprotocol;
    this.session = new Session(config.limits(), loop.bytes(16), nowMs);
    this.effects = new Effects(loop, this, session);
    this.held = new HeldNews(config.limits().subscriptions());
    this.heartbeat = new Heartbeat(config.times().ping().toMillis(), nowMs);
    this.outbound = new Outbound(((WebSocketInternal) socket).channelHandlerContext(), loop.flush,
        config.bounds().outboundBytes());
  }

  void open(ByteString nonce) {
    ChannelHandlerContext channel = ((WebSocketInternal) socket).channelHandlerContext();
    Inbound inbound = new Inbound(subprotocol, this::received);
    new FrameGate(new FrameScan(subprotocol, session::frameBytesMax),
        code -> loop.context.runOnContext(_ -> effects.apply(session.end(code))),
        () -> loop.context.runOnContext(_ -> outbound.cut()),
        () -> loop.context.runOnContext(_ -> writabilityChanged())).install(channel.pipeline());
    socket.setWriteQueueMaxSize(loop.node.config().bounds().outboundBytes());
    socket.frameHandler(frame -> {
      heartbeat.heard();
      inbound.frame(frame);
    });
    socket.pongHandler(_ -> heartbeat.heard());
    socket.closeHandler(_ -> goneNow());
    socket.shutdownHandler(_ -> effects.apply(session.end(CloseCode.RESTARTING)));
    effects.apply(session.opened(nonce, loop.node.tokens().audience()));
  }

  void tick(long nowMs) {
    if (lagging && nowMs - laggingSinceMs >= loop.node.config().times().laggingMax().toMillis()) {
      effects.apply(session.end(CloseCode.SLOW));
    }
    effects.apply(session.tick(nowMs));
    if (!closed && reading) {
      switch (heartbeat.tick(nowMs)) {
        case PING -> socket.writePing(Buffer.buffer());
        case IDLE -> effects.apply(session.end(CloseCode.IDLE));
        case NOTHING -> {
          // Heard of it lately enough.
        }
      }
    }
  }

  void draining(int spreadMs) {
    effects.apply(session.draining(spreadMs));
  }

  /// Completed when the socket is gone.
  Future<Void> end(CloseCode code) {
    effects.apply(session.end(code));
    return gone.future();
  }

  long queuedBytes() {
    return outbound.queuedBytes();
  }

  /// Nothing more is read while too many messages of this connection are on their way, or it does not read itself.
  void settleReading() {
    boolean now = !lagging && session.pendingSends() < loop.node.config().bounds().pendingSends();
    if (now != reading && !closed) {
      reading = now;
      heartbeat.heard();
      outbound.reading(now);
    }
  }

  void close(CloseCode code) {
    closed = true;
    loop.node.metrics().closed(code);
    settleLagging(false);
    outbound.close();
    outbound.reading(true);
    // Vert.x waits for the client's answer only once the close frame left; a client that does not read never lets it.
    long timer = loop.vertx.setTimer(ServerOptions.CLOSING_SECONDS * 1_000L, _ -> outbound.cut());
    gone.future().onComplete(_ -> loop.vertx.cancelTimer(timer));
    socket.close((short) code.number(), code.reason());
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public Subprotocol subprotocol() {
    return subprotocol;
  }

  @Override
  public boolean writable() {
    return outbound.writable();
  }

  @Override
  public void push(LiveEntry entry) {
    outbound.write(entry.bytes(subprotocol));
  }

  @Override
  public void push(ServerFrame frame) {
    if (!closed) {
      loop.node.metrics().sent();
      outbound.write(WireBytes.of(subprotocol, frame.toBuilder().setServerMs(loop.node.clock().millis()).build()));
    }
  }

  @Override
  public void removed(ByteString conversation) {
    effects.apply(session.detached(conversation));
  }

  @Override
  public void changed(ByteString conversation, long userVersion) {
    news(HeldNews.Kind.LIST, conversation, () -> session.changed(conversation, userVersion));
  }

  @Override
  public boolean devices(Set<ByteString> devices) {
    effects.apply(session.devices(devices));
    return closed;
  }

  @Override
  public void stands(UserState state) {
    // News that are held back were not lost.
    if (!lagging) {
      effects.apply(session.stands(state));
    }
  }

  @Override
  public void accountChanged(ByteString uid, long seq) {
    news(HeldNews.Kind.ACCOUNT, uid, () -> session.accountChanged(uid, seq));
  }

  @Override
  public void memberReady(ByteString conversation, long epoch) {
    news(HeldNews.Kind.READY, conversation, () -> session.memberReady(conversation, epoch));
  }

  @Override
  public void jobsWaiting(ByteString conversation) {
    news(HeldNews.Kind.JOBS, conversation, () -> session.jobsWaiting(conversation));
  }

  private void news(HeldNews.Kind kind, ByteString about, Supplier<List<Effect>> news) {
    if (lagging) {
      held.hold(kind, about, news);
    } else {
      effects.apply(news.get());
    }
  }

  private void received(Decoded decoded) {
    loop.node.metrics().received();
    effects.apply(session.received(decoded, loop.node.clock().millis()));
  }

  private void writabilityChanged() {
    if (closed) {
      return;
    }
    settleLagging(!outbound.writable());
    settleReading();
    effects.apply(session.writable(!lagging));
    if (!lagging) {
      held.release(effects::apply);
      effects.drained();
    }
  }

  private void settleLagging(boolean now) {
    if (now != lagging) {
      lagging = now;
      laggingSinceMs = loop.node.clock().millis();
      loop.node.metrics().laggingChanged(now ? 1 : -1);
    }
  }

  private void goneNow() {
    if (!closed) {
      closed = true;
      settleLagging(false);
      outbound.close();
      // Of what the session wants done at its end, nothing can be done any more.
      session.end(CloseCode.RESTARTING);
    }
    effects.leave();
    loop.gone(this);
    gone.tryComplete();
  }
}
