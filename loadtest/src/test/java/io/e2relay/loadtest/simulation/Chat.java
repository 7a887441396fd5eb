// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.simulation;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.asLongAsDuring;
import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.doIf;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.exponentialPauses;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.jsonPath;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;
import static java.util.Objects.requireNonNull;

import io.gatling.javaapi.core.Assertion;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// The steps that all simulations are made of: come in, find the others, send, listen, and see that nothing is missing.
final class Chat {
  private static final String TOKEN = "token";
  private static final Duration A_MOMENT = Duration.ofMillis(100);
  private static final Duration OTHERS_COME = Duration.ofSeconds(60);
  private static final double NANOS = 1e9;
  private static final double P99 = 99;
  private static final int HEARD_BETWEEN_LOOKS_MAX = 100_000;

  private final Load load;
  private final Journal journal;
  private final List<Group> groups;
  private final String run = Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);

  Chat(String simulation, Load load) {
    this.load = load;
    this.journal = Journal.in(Path.of("target", "gatling", "%s-%s.jsonl".formatted(simulation, run)));
    this.groups = IntStream.range(0, load.groups()).mapToObj(group -> new Group(load.members(group))).toList();
  }

  HttpProtocolBuilder protocol() {
    return http.baseUrl(load.httpOrigin()).wsBaseUrl(load.wsOrigin()).disableWarmUp()
        .wsUnmatchedInboundMessageBufferSize(HEARD_BETWEEN_LOOKS_MAX);
  }

  /// A device with a token, connected and known to the service.
  ChainBuilder comeIn() {
    ChainBuilder ask = exec(http("token").post("/dev/token")
        .body(StringBody(session -> "{\"name\":\"%s\"}".formatted(Talk.device(session).name())))
        .check(status().is(200), jsonPath("$.token").saveAs(TOKEN)));
    ChainBuilder take = exec(session -> session.set(TOKEN, load.tokens().get(index(session) % load.tokens().size())));
    return exec(session -> session.set(Talk.DEVICE, device(index(session)))).exec(load.tokens().isEmpty() ? ask : take)
        .exitHereIfFailed().exec(session -> {
          Talk.device(session).takes(requireNonNull(session.getString(TOKEN)));
          return session;
        }).exec(connect());
  }

  /// Also for a device that comes back.
  ChainBuilder connect() {
    return exec(Talk.connect()).exec(Talk.ask("hello", Device::hello, Device::welcomed));
  }

  /// The first of each group waits for the others and creates the conversation; then all follow it.
  ChainBuilder meet() {
    ChainBuilder create = exec(until(device -> device.group().complete()))
        .exec(Talk.ask("create", Device::create, Device::created));
    return exec(doIf(session -> Talk.device(session).first()).then(create))
        .exec(until(device -> device.group().isCreated())).exec(session -> {
          Talk.device(session).expectsAll();
          return session;
        }).exec(follow());
  }

  /// From the place this device has reached.
  ChainBuilder follow() {
    return Talk.ask("subscribe", Device::subscribe, Device::subscribed);
  }

  /// Waits for one message's time, sends it, and listens.
  ChainBuilder speak() {
    return exec(pause(Duration.ofNanos(Math.round(NANOS / load.msgRate())), exponentialPauses))
        .exec(Talk.ask("send", device -> device.send(load.payloadBytes()), Device::sent));
  }

  ChainBuilder listen() {
    return exec(pause(A_MOMENT)).exec(Talk.hear());
  }

  /// Hears what is still on its way, and asks the log whether anything follows what was heard.
  ChainBuilder settle() {
    return exec(session -> {
      Talk.device(session).group().ends();
      return session;
    }).exec(until(Device::heardAll)).exec(Talk.ask("receipt", Device::fetchRest, Device::complete)).exec(Talk.close());
  }

  List<Assertion> assertions() {
    return List.of(global().failedRequests().count().is(0L),
        details("send" + Talk.ANSWERED).responseTime().percentile(P99).lte(load.sendP99Ms()),
        details("connect").responseTime().percentile(P99).lte(load.connectP99Ms()));
  }

  private ChainBuilder until(Predicate<Device> ready) {
    return exec(
        asLongAsDuring(session -> !ready.test(Talk.device(session)), OTHERS_COME.plus(load.ramp())).on(listen()));
  }

  private Device device(int index) {
    int group = index / load.groupSize();
    return new Device("load-%s-%d".formatted(run, index), load.subprotocol(index), groups.get(group),
        index % load.groupSize() == 0, journal);
  }

  private static int index(Session session) {
    return Math.toIntExact(session.userId() - 1);
  }

  void end() {
    journal.close();
    IO.println("shown: load journal=%s\njudge it: deploy/e2relay oracle %s".formatted(journal.file().getFileName(),
        journal.file().toAbsolutePath()));
  }
}
