// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.internal.http.WebSocketInternal;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// What a relay costs that does nothing but relay: bare Vert.x, no compression, one encoding for all sockets, no token,
/// no store, no order, no bounds. Whatever comes at `/room` goes to all there; at `/pair/N` to the other one.
public final class BareServer {
  private static final int BINARY_FINAL = 0x82;
  private static final int TWO_BYTES = 126;

  private final Vertx vertx;
  private final boolean coalesced;
  private final List<Loop> loops = new CopyOnWriteArrayList<>();
  private final Map<String, List<Member>> pairs = new ConcurrentHashMap<>();

  private BareServer(Vertx vertx, boolean coalesced) {
    this.vertx = vertx;
    this.coalesced = coalesced;
  }

  /// @param arguments port, `coalesced` (one flush per socket and turn) or `each` (one per frame); for TLS also the
  ///   files of certificate and key
  public static void main(String[] arguments) throws Exception {
    int loops = Runtime.getRuntime().availableProcessors();
    Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(loops));
    BareServer server = new BareServer(vertx, arguments[1].equals("coalesced"));
    HttpServerOptions options = new HttpServerOptions().setHost("127.0.0.1").setPort(Integer.parseInt(arguments[0]))
        .setPerMessageWebSocketCompressionSupported(false).setPerFrameWebSocketCompressionSupported(false)
        .setAcceptBacklog(4096).addWebSocketSubProtocol("e2r.v1.pb");
    if (arguments.length == 4) {
      options.setSsl(true)
          .setKeyCertOptions(new PemKeyCertOptions().addCertPath(arguments[2]).addKeyPath(arguments[3]));
      if (OpenSSLEngineOptions.isAvailable()) {
        options.setSslEngineOptions(new OpenSSLEngineOptions());
      }
    }
    vertx.deployVerticle(() -> server.verticle(options), new DeploymentOptions().setInstances(loops)).await();
    IO.println("ready");
  }

  private Deployable verticle(HttpServerOptions options) {
    return context -> {
      Loop loop = new Loop(vertx.getOrCreateContext(), coalesced);
      loops.add(loop);
      return vertx.createHttpServer(options).webSocketHandler(socket -> join(loop, socket)).listen();
    };
  }

  private void join(Loop loop, ServerWebSocket socket) {
    Member member = new Member(loop, ((WebSocketInternal) socket).channelHandlerContext());
    if (socket.path().startsWith("/pair/")) {
      List<Member> pair = pairs.computeIfAbsent(socket.path(), _ -> new CopyOnWriteArrayList<>());
      pair.add(member);
      socket.binaryMessageHandler(message -> toTheOther(pair, member, message));
    } else {
      loop.room.add(member.channel());
      socket.binaryMessageHandler(this::toAll);
      socket.closeHandler(_ -> loop.room.remove(member.channel()));
    }
  }

  private void toAll(Buffer message) {
    ByteBuf frame = frame(message);
    for (Loop loop : loops) {
      ByteBuf shared = frame.retainedDuplicate();
      loop.context.runOnContext(_ -> {
        loop.room.forEach(channel -> loop.write(channel, shared.retainedDuplicate()));
        shared.release();
      });
    }
    frame.release();
  }

  private static void toTheOther(List<Member> pair, Member sender, Buffer message) {
    ByteBuf frame = frame(message);
    for (Member member : pair) {
      if (!member.equals(sender)) {
        ByteBuf shared = frame.retainedDuplicate();
        member.loop().context.runOnContext(_ -> member.loop().write(member.channel(), shared));
      }
    }
    frame.release();
  }

  private static ByteBuf frame(Buffer message) {
    ByteBuf frame = PooledByteBufAllocator.DEFAULT.directBuffer(message.length() + 4).writeByte(BINARY_FINAL);
    if (message.length() < TWO_BYTES) {
      frame.writeByte(message.length());
    } else {
      frame.writeByte(TWO_BYTES).writeShort(message.length());
    }
    return frame.writeBytes(message.getBytes());
  }

  private record Member(Loop loop, ChannelHandlerContext channel) {
  }

  /// The sockets of one event loop; used on it only.
  private static final class Loop {
    final Context context;
    final Set<ChannelHandlerContext> room = new LinkedHashSet<>();
    private final boolean coalesced;
    private Set<ChannelHandlerContext> dirty = new LinkedHashSet<>();

    Loop(Context context, boolean coalesced) {
      this.context = context;
      this.coalesced = coalesced;
    }

    void write(ChannelHandlerContext channel, ByteBuf frame) {
      if (!coalesced) {
        channel.writeAndFlush(frame, channel.voidPromise());
        return;
      }
      channel.write(frame, channel.voidPromise());
      dirty.add(channel);
      if (dirty.size() == 1) {
        context.runOnContext(_ -> flush());
      }
    }

    private void flush() {
      Set<ChannelHandlerContext> now = dirty;
      dirty = new LinkedHashSet<>();
      now.forEach(ChannelHandlerContext::flush);
    }
  }
}
