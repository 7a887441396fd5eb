// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.loadtest.measure.Child;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.Hello;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Subscribe;
import io.e2relay.protocol.wire.TrustLevel;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/// The service, as `serve` starts it: with token, order, fence and durable store.
final class Ours implements Rival {
  // Nothing is refused for coming too fast, and no ping is taken for a message.
  private static final List<String> SETTINGS = List.of("relay.requests.per.second=100000",
      "relay.requests.burst=100000", "relay.hello.ms=60000", "relay.ping.ms=300000", "keys.timeout.ms=10000",
      "node.bus.timeout.ms=10000", "internal.port=0");
  private static final int ID_BYTES = 16;

  private final Generator generator;
  private final boolean tls;
  private final int port;
  private final Child process;
  private final Tokens tokens;
  private final Map<Wire, ByteString> uids = new HashMap<>();
  private final Map<Wire, ByteString> conversations = new HashMap<>();
  private int entered;

  private Ours(Generator generator, Site site, boolean tls, int port, Child process) {
    this.generator = generator;
    this.tls = tls;
    this.port = port;
    this.process = process;
    this.tokens = site.tokens();
  }

  static Ours start(Generator generator, Site site, boolean tls) {
    int port = Child.freePort();
    List<String> command = Site.with(site.server(), "serve", "--set", "relay.port=" + port);
    SETTINGS.forEach(setting -> command.addAll(List.of("--set", setting)));
    site.settings().forEach(setting -> command.addAll(List.of("--set", setting)));
    if (tls) {
      command.addAll(List.of("--set", "relay.tls.cert.file=" + site.certificate(), "--set",
          "relay.tls.key.file=" + site.certificateKey()));
    }
    return new Ours(generator, site, tls, port, Child.start(command, "serving on port"));
  }

  @Override
  public String name() {
    return "e2relay";
  }

  @Override
  public Child process() {
    return process;
  }

  @Override
  public Future<Wire> enter() {
    int number = entered++;
    return tokens.of("bench-%s-%d".formatted(tls ? "wss" : "ws", number)).compose(this::enter);
  }

  Future<String> token(String name) {
    return tokens.of(name);
  }

  /// From the connection to Welcome.
  Future<Wire> enter(String token) {
    return Wire.open(generator.client(tls), port, "/v1/connect").compose(wire -> wire.frame().compose(_ -> wire
        .ask(ClientFrame.newBuilder().setHello(Hello.newBuilder().setToken(token).setDeviceId(random()))).map(reply -> {
          uids.put(wire, reply.getWelcome().getUid());
          return wire;
        })));
  }

  @Override
  public List<Wire> room(int size) {
    List<Wire> wires = generator.many(size, _ -> enter());
    conversation(wires);
    generator.many(size, i -> follow(wires.get(i)));
    return wires;
  }

  @Override
  public List<List<Wire>> pairs(int count) {
    List<Wire> all = generator.many(2 * count, _ -> enter());
    List<List<Wire>> pairs = IntStream.range(0, count).mapToObj(i -> all.subList(2 * i, 2 * i + 2)).toList();
    pairs.forEach(this::conversation);
    generator.many(all.size(), i -> follow(all.get(i)));
    return pairs;
  }

  /// Each with a conversation of its own that nobody follows.
  List<Wire> writers(int count) {
    List<Wire> wires = generator.many(count, _ -> enter());
    wires.forEach(wire -> conversation(List.of(wire)));
    return wires;
  }

  /// Everything that is in the log from its beginning, until it says that this was all.
  Future<Void> follow(Wire wire) {
    return wire.ask(ClientFrame.newBuilder().setSubscribe(subscription(wire))).compose(_ -> caughtUp(wire));
  }

  @Override
  public boolean echoes() {
    return true;
  }

  /// The same without waiting for anything: what comes is only counted.
  void followUnheard(Wire wire) {
    wire.write(
        ClientFrame.newBuilder().setId(wire.nextRequest()).setSubscribe(subscription(wire)).build().toByteArray());
  }

  /// Two of one conversation, neither of whom follows it yet.
  List<Wire> pair() {
    List<Wire> two = generator.many(2, _ -> enter());
    conversation(two);
    return two;
  }

  @Override
  public void say(Wire wire, byte[] payload) {
    wire.write(ClientFrame.newBuilder().setId(wire.nextRequest()).setSend(Send.newBuilder()
        .setConversationId(conversation(wire)).setMsgId(random()).setBody(ByteString.copyFrom(payload))).build()
        .toByteArray());
  }

  ByteString conversation(Wire wire) {
    return requireNonNull(conversations.get(wire));
  }

  @Override
  public void close() {
    process.close();
  }

  private void conversation(List<Wire> wires) {
    List<ByteString> others = new ArrayList<>(wires.subList(1, wires.size()).stream().map(uids::get).toList());
    ServerFrame made = generator
        .onLoop(() -> wires.getFirst().ask(ClientFrame.newBuilder().setCreateConversation(CreateConversation
            .newBuilder().setRequestId(random()).setLevel(TrustLevel.TRUST_LEVEL_OPEN).addAllMembers(others))));
    wires.forEach(wire -> conversations.put(wire, made.getConversation().getConversationId()));
  }

  private Subscribe.Builder subscription(Wire wire) {
    return Subscribe.newBuilder().addCursors(Cursor.newBuilder().setConversationId(conversation(wire)));
  }

  private static Future<Void> caughtUp(Wire wire) {
    return wire.frame().compose(frame -> frame.hasCaughtUp() ? Future.succeededFuture() : caughtUp(wire));
  }

  private static ByteString random() {
    byte[] bytes = new byte[ID_BYTES];
    ThreadLocalRandom.current().nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }
}
