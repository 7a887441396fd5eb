// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.wire.Advice;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.DeviceLogin;
import io.e2relay.protocol.wire.Hello;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.TrustLevel;
import io.e2relay.protocol.wire.Welcome;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A client without manners: sends whatever it is told, and shows what comes back.
final class RawSocket implements AutoCloseable {
  private static final Vertx VERTX = Vertx.vertx(new VertxOptions().setUseDaemonThread(true));
  private static final SecureRandom RANDOM = new SecureRandom();

  private final WebSocketClient client;
  private final ClientWebSocket socket;
  private final BlockingQueue<ServerFrame> frames = new LinkedBlockingQueue<>();
  // Everything that ever came, for questions about what did not.
  private final List<ServerFrame> history = Collections.synchronizedList(new ArrayList<>());
  private final BlockingQueue<Integer> closes = new LinkedBlockingQueue<>();
  private final AtomicLong ids = new AtomicLong();

  private RawSocket(WebSocketClient client) {
    this.client = client;
    this.socket = client.webSocket();
  }

  /// Opens a protobuf socket without an Origin, and says nothing.
  static RawSocket open(URI url, Path ca) {
    return open(url, ca, Subprotocol.PROTOBUF.token(), null);
  }

  static RawSocket open(URI url, Path ca, @Nullable String subprotocol, @Nullable String origin) {
    RawSocket raw = new RawSocket(VERTX.createWebSocketClient(
        new WebSocketClientOptions().setSsl(true).setTrustOptions(new PemTrustOptions().addCertPath(ca.toString()))
            .setMaxFrameSize(1 << 20).setMaxMessageSize(1 << 20)));
    raw.socket.binaryMessageHandler(raw::binary);
    raw.socket.closeHandler(_ -> {
      Short code = raw.socket.closeStatusCode();
      raw.closes.add(code == null ? 1006 : (int) code);
    });
    raw.socket.exceptionHandler(_ -> raw.socket.close());
    WebSocketConnectOptions options = new WebSocketConnectOptions().setHost(url.getHost()).setPort(url.getPort())
        .setSsl(true).setURI(url.getPath());
    if (subprotocol != null) {
      options.addSubProtocol(subprotocol);
    }
    if (origin != null) {
      options.putHeader("origin", origin);
    }
    try {
      raw.socket.connect(options).await(10, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("no connection", e);
    }
    return raw;
  }

  /// Opens a socket and says a good Hello.
  static RawSocket welcomed(URI url, Path ca, String token) {
    RawSocket raw = open(url, ca);
    raw.hello(token);
    return raw;
  }

  Welcome hello(String token) {
    ServerFrame answer = ask(
        ClientFrame.newBuilder().setHello(Hello.newBuilder().setToken(token).setDeviceId(random(16)).setClient("raw")));
    if (!answer.hasWelcome()) {
      throw new IllegalStateException("not welcomed: " + answer.getError().getName());
    }
    return answer.getWelcome();
  }

  static ClientFrame.Builder helloAs(String token, DeviceId device) {
    return ClientFrame.newBuilder().setHello(Hello.newBuilder().setToken(token).setDeviceId(device.bytes()));
  }

  /// With the proof that it is that device.
  static ClientFrame.Builder helloAs(String token, DeviceId device, Signature signature, long signedMs) {
    ClientFrame.Builder hello = helloAs(token, device);
    hello.getHelloBuilder().setLogin(DeviceLogin.newBuilder().setSignature(signature.bytes()).setSignedMs(signedMs));
    return hello;
  }

  /// Sends the request under a fresh id and returns its answer, whatever it is.
  ServerFrame askOnce(ClientFrame.Builder request) {
    long id = send(request);
    return next(frame -> frame.getReplyTo() == id);
  }

  /// Asks, and asks again as long as the service advises to retry.
  ServerFrame ask(ClientFrame.Builder request) {
    while (true) {
      ServerFrame answer = askOnce(request);
      if (answer.getError().getAdvice() != Advice.ADVICE_RETRY) {
        return answer;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(Math.max(1, answer.getError().getRetryAfterMs())));
    }
  }

  /// A new conversation with nobody else in it.
  ByteString createConversation() {
    return ask(ClientFrame.newBuilder().setCreateConversation(
        CreateConversation.newBuilder().setRequestId(random(16)).setLevel(TrustLevel.TRUST_LEVEL_OPEN)))
        .getConversation().getConversationId();
  }

  /// Reads events until the entry at this place has come, and returns how many entries came in unbroken order.
  long countInOrder(ByteString conversation, long last) {
    long seen = 0;
    while (seen < last) {
      ServerFrame frame = next(one -> one.getMessage().getConversationId().equals(conversation)
          || one.getControl().getConversationId().equals(conversation));
      long seq = frame.hasMessage() ? frame.getMessage().getSeq() : frame.getControl().getSeq();
      if (seq != seen + 1) {
        throw new AssertionError("after " + seen + " came " + seq);
      }
      seen = seq;
    }
    return seen;
  }

  /// Whether such a frame has come since the socket was opened.
  boolean seen(Predicate<ServerFrame> wanted) {
    synchronized (history) {
      return history.stream().anyMatch(wanted);
    }
  }

  long send(ClientFrame.Builder request) {
    long id = ids.incrementAndGet();
    send(request.setId(id).build().toByteArray());
    return id;
  }

  void send(byte[] bytes) {
    socket.writeBinaryMessage(Buffer.buffer(bytes));
  }

  /// The next frame of which this holds; others before it are passed over.
  ServerFrame next(Predicate<ServerFrame> wanted) {
    try {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
      while (true) {
        ServerFrame frame = frames.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        if (frame == null) {
          throw new AssertionError("no such frame within 15 s");
        }
        if (wanted.test(frame)) {
          return frame;
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  boolean isOpen() {
    return closes.isEmpty() && !socket.isClosed();
  }

  int closeCode() {
    try {
      Integer code = closes.poll(90, TimeUnit.SECONDS);
      if (code == null) {
        throw new AssertionError("not closed within 90 s");
      }
      return code;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Stops reading from the socket: everything the service writes stays in the network's buffers.
  void stopReading() {
    socket.pause();
  }

  void readOn() {
    socket.resume();
  }

  @Override
  public void close() {
    client.close();
  }

  static ByteString random(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return ByteString.copyFrom(random);
  }

  private void binary(Buffer buffer) {
    try {
      ServerFrame frame = ServerFrame.parseFrom(buffer.getBytes());
      history.add(frame);
      frames.add(frame);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }
}
