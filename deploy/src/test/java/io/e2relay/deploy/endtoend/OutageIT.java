// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.wire.Advice;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.ServerFrame;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The database goes away and comes back; the sockets stay.
final class OutageIT {
  private static final Duration REFUSED_WITHIN = Duration.ofSeconds(2);
  private static final Duration BACK_WITHIN = Duration.ofSeconds(5);

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  private RawSocket socket;
  private ByteString conversation;

  @BeforeEach
  void control_everything_works_before() {
    socket = SERVICE.welcomed("alice");
    conversation = socket.createConversation();
    Until.holds(BACK_WITHIN, "sends and fetches work", () -> send().hasSent() && fetch().hasPage());
    assertEquals(200, SERVICE.health("ready"));
  }

  @AfterEach
  void hang_up() {
    socket.close();
  }

  @Test
  void while_postgresql_is_stopped_requests_are_refused_and_afterwards_all_goes_on() {
    outage("stopped", SERVICE.backing()::killPostgres, SERVICE.backing()::startPostgres);
  }

  @Test
  void while_postgresql_is_frozen_requests_are_refused_and_afterwards_all_goes_on() {
    outage("frozen", SERVICE.backing()::freezePostgres, SERVICE.backing()::thawPostgres);
  }

  private void outage(String kind, Runnable strike, Runnable heal) {
    strike.run();
    long refusedMs = Math.max(refusedMs(this::send), refusedMs(this::fetch));
    Until.holds(Duration.ofSeconds(10), "not ready any more", () -> SERVICE.health("ready") == 503);
    assertEquals(200, SERVICE.health("live"));
    refusedMs = Math.max(refusedMs, Math.max(refusedMs(this::send), refusedMs(this::fetch)));
    assertTrue(socket.isOpen(), "the socket stays open");
    heal.run();
    long healed = System.nanoTime();
    Until.holds(BACK_WITHIN, "sends and fetches work again",
        () -> send().hasSent() && fetch().hasPage() && SERVICE.health("ready") == 200);
    long backMs = (System.nanoTime() - healed) / 1_000_000;
    assertTrue(socket.isOpen(), "without reconnect");
    Shown.line("outage kind=%s refused_after_ms=%d back_after_ms=%d reconnects=0".formatted(kind, refusedMs, backMs));
  }

  private long refusedMs(Supplier<ServerFrame> request) {
    long start = System.nanoTime();
    ServerFrame answer = request.get();
    long took = System.nanoTime() - start;
    assertEquals("UNAVAILABLE", answer.getError().getName());
    assertEquals(Advice.ADVICE_RETRY, answer.getError().getAdvice());
    assertTrue(took <= REFUSED_WITHIN.toNanos(), "refused within 2 s, not " + took / 1_000_000 + " ms");
    return took / 1_000_000;
  }

  private ServerFrame send() {
    return socket.askOnce(ClientFrame.newBuilder().setSend(Send.newBuilder().setConversationId(conversation)
        .setMsgId(RawSocket.random(16)).setBody(ByteString.copyFromUtf8("x"))));
  }

  private ServerFrame fetch() {
    return socket.askOnce(ClientFrame.newBuilder().setFetch(Fetch.newBuilder().setConversationId(conversation)));
  }
}
