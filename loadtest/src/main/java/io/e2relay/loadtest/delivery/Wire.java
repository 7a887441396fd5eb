// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import com.google.protobuf.InvalidProtocolBufferException;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// A WebSocket of the load generator, as lean as can be: frames are read one by one while it comes in, and only counted
/// afterwards. Everything happens on its event loop.
final class Wire {
  private static final String HOST = "localhost";
  private static final String END_OF_HEAD = "\r\n\r\n";
  private static final int BINARY_FINAL = 0x82;
  private static final int MASKED = 0x80;
  private static final int TWO_BYTES = 126;
  private static final int MESSAGE_MIN = 512;
  private static final int ACKNOWLEDGEMENT_MAX = 40;
  private static final int SHORT_MAX = 0xffff;

  private final NetSocket socket;
  private final Queue<byte[]> frames = new ArrayDeque<>();
  private final Queue<Promise<byte[]>> readers = new ArrayDeque<>();
  private Buffer pending = Buffer.buffer();
  private boolean upgraded;
  private @Nullable FrameWalk walk;
  private @Nullable IntConsumer counted;
  private long requests;

  private Wire(NetSocket socket) {
    this.socket = socket;
  }

  /// Connects and upgrades; the caller then reads and writes frames.
  static Future<Wire> open(NetClient client, int port, String path) {
    Promise<Wire> open = Promise.promise();
    client.connect(port, HOST).onFailure(open::tryFail).onSuccess(socket -> {
      Wire wire = new Wire(socket);
      socket.handler(piece -> wire.received(piece, open));
      socket.closeHandler(_ -> wire.closed(open));
      socket.write("GET " + path + " HTTP/1.1\r\nHost: " + HOST + ':' + port
          + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: e2r.v1.pb" + END_OF_HEAD);
    });
    return open.future();
  }

  Future<ServerFrame> frame() {
    Promise<byte[]> reader = Promise.promise();
    byte[] there = frames.poll();
    if (there == null) {
      readers.add(reader);
    } else {
      reader.complete(there);
    }
    return reader.future().map(Wire::parsed);
  }

  /// The reply to this request; what comes before it is passed over.
  Future<ServerFrame> ask(ClientFrame.Builder request) {
    requests++;
    write(request.setId(requests).build().toByteArray());
    return reply(requests);
  }

  private Future<ServerFrame> reply(long request) {
    return frame().compose(frame -> {
      if (frame.getReplyTo() != request) {
        return reply(request);
      }
      return frame.hasError() ? Future.failedFuture("refused: " + frame.getError()) : Future.succeededFuture(frame);
    });
  }

  /// From here on messages are counted, by their size, and nothing is looked into.
  void countMessages(IntConsumer ended) {
    count(new FrameWalk(MESSAGE_MIN, Integer.MAX_VALUE), ended);
  }

  /// The same with acknowledgements, which are shorter than whatever names a conversation.
  void countAcknowledgements(IntConsumer ended) {
    count(new FrameWalk(1, ACKNOWLEDGEMENT_MAX), ended);
  }

  private void count(FrameWalk begun, IntConsumer ended) {
    walk = begun;
    counted = ended;
    frames.clear();
    ended.accept(begun.ended(pending));
    pending = Buffer.buffer();
  }

  /// The number of the next request that is written by [#write].
  long nextRequest() {
    requests++;
    return requests;
  }

  /// Masked with zeros, as the rules want it and at no cost.
  void write(byte[] payload) {
    Buffer frame = Buffer.buffer(payload.length + 14).appendUnsignedByte((short) BINARY_FINAL);
    if (payload.length < TWO_BYTES) {
      frame.appendUnsignedByte((short) (MASKED | payload.length));
    } else if (payload.length <= SHORT_MAX) {
      frame.appendUnsignedByte((short) (MASKED | TWO_BYTES)).appendUnsignedShort(payload.length);
    } else {
      frame.appendUnsignedByte((short) (MASKED | TWO_BYTES + 1)).appendLong(payload.length);
    }
    socket.write(frame.appendInt(0).appendBytes(payload));
  }

  void close() {
    socket.closeHandler(_ -> {
    });
    socket.close();
  }

  private void received(Buffer piece, Promise<Wire> open) {
    FrameWalk walking = walk;
    IntConsumer ended = counted;
    if (walking != null && ended != null) {
      int count = walking.ended(piece);
      if (count > 0) {
        ended.accept(count);
      }
      return;
    }
    pending.appendBuffer(piece);
    if (!upgraded) {
      String head = pending.toString();
      int end = head.indexOf(END_OF_HEAD);
      if (end < 0) {
        return;
      }
      if (!head.startsWith("HTTP/1.1 101 ")) {
        open.tryFail(head.lines().findFirst().orElse("no answer"));
        return;
      }
      upgraded = true;
      pending = pending.getBuffer(end + END_OF_HEAD.length(), pending.length());
      open.complete(this);
    }
    split();
  }

  private void split() {
    while (pending.length() >= 2) {
      int first = pending.getByte(1) & (MASKED - 1);
      int header = first < TWO_BYTES ? 2 : first == TWO_BYTES ? 4 : 10;
      if (pending.length() < header) {
        return;
      }
      long length = first < TWO_BYTES ? first : first == TWO_BYTES ? pending.getUnsignedShort(2) : pending.getLong(2);
      if (pending.length() < header + length) {
        return;
      }
      int end = (int) (header + length);
      byte[] frame = pending.getBytes(header, end);
      pending = pending.getBuffer(end, pending.length());
      Promise<byte[]> reader = readers.poll();
      if (reader == null) {
        frames.add(frame);
      } else {
        reader.complete(frame);
      }
    }
  }

  private void closed(Promise<Wire> open) {
    open.tryFail("the server closed the connection");
    readers.forEach(reader -> reader.tryFail("the server closed the connection"));
  }

  private static ServerFrame parsed(byte[] frame) {
    try {
      return ServerFrame.parseFrom(frame);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }
}
