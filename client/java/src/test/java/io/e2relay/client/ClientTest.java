// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.protocol.id.ConversationId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The SDK over real TLS sockets against a service that is played, so that its faults come on demand.
final class ClientTest {
  private static final String PASSWORD = "only-for-this-test";
  private static final ConversationId CONVERSATION = new ConversationId(FakeService.CONVERSATION);

  @TempDir
  static Path folder;

  private final BlockingQueue<IncomingMessage> received = new LinkedBlockingQueue<>();
  private FakeService service;

  @BeforeAll
  static void make_a_certificate() throws Exception {
    keytool("-genkeypair", "-alias", "s", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=localhost", "-ext",
        "SAN=dns:localhost", "-validity", "2", "-storetype", "PKCS12", "-keystore", "keys.p12", "-storepass", PASSWORD);
    keytool("-exportcert", "-rfc", "-alias", "s", "-keystore", "keys.p12", "-storepass", PASSWORD, "-file", "ca.pem");
  }

  @BeforeEach
  void start() throws Exception {
    service = new FakeService(folder.resolve("keys.p12"), PASSWORD);
  }

  @AfterEach
  void stop() throws Exception {
    service.close();
  }

  @Test
  void a_sent_message_comes_to_the_subscriber() throws Exception {
    try (Client client = connect()) {
      client.onMessage(received::add);
      assertEquals(1, client.conversation(CONVERSATION).send("hello").seq());
      assertEquals("hello", next().text());
    }
  }

  @Test
  void a_message_whose_acknowledgement_is_lost_is_sent_again_and_stored_once() throws Exception {
    try (Client client = connect()) {
      client.onMessage(received::add);
      service.loseNextAck();
      assertEquals(1, client.conversation(CONVERSATION).send("once").seq());
      assertEquals(2, service.tries().size());
      assertEquals(service.tries().get(0).getMsgId(), service.tries().get(1).getMsgId());
      assertEquals(1, service.log().size());
      assertEquals("once", next().text());
    }
  }

  @Test
  void after_a_break_everything_comes_once_and_in_order() throws Exception {
    try (Client client = connect()) {
      client.onMessage(received::add);
      Conversation conversation = client.conversation(CONVERSATION);
      for (int i = 0; i < 50; i++) {
        if (i % 10 == 9) {
          service.breakAll();
        }
        conversation.send("message " + i);
      }
      List<String> texts = IntStream.range(0, 50).mapToObj(_ -> next().text()).toList();
      assertEquals(IntStream.range(0, 50).mapToObj(i -> "message " + i).toList(), texts);
      assertTrue(received.isEmpty());
    }
  }

  @Test
  void an_event_that_was_lost_is_noticed_by_the_next_one_and_read_from_the_log() throws Exception {
    try (Client client = connect()) {
      client.onMessage(received::add);
      Conversation conversation = client.conversation(CONVERSATION);
      conversation.send("first");
      assertEquals("first", next().text());
      service.loseNextEvent();
      conversation.send("lost");
      conversation.send("seen");
      assertEquals("lost", next().text());
      assertEquals("seen", next().text());
    }
  }

  @Test
  void a_refusal_that_advises_to_retry_is_tried_again() throws Exception {
    try (Client client = connect()) {
      service.refuseNextSends(2);
      assertEquals(1, client.conversation(CONVERSATION).send("stubborn").seq());
      assertEquals(3, service.tries().size());
    }
  }

  @Test
  void a_refusal_that_lasts_is_thrown_with_its_code() throws Exception {
    try (Client client = relay().timeout(Duration.ofMillis(300)).connect("token")) {
      service.refuseNextSends(Integer.MAX_VALUE);
      RefusedException refused = assertThrows(RefusedException.class,
          () -> client.conversation(CONVERSATION).send("never"));
      assertEquals(500, refused.code());
    }
  }

  @Test
  void a_token_that_is_refused_is_not_tried_again() {
    service.closeHelloWith(4502);
    RefusedException refused = assertThrows(RefusedException.class, this::connect);
    assertEquals(110, refused.code());
  }

  @Test
  void a_certificate_of_a_stranger_is_not_trusted() throws Exception {
    assertThrows(DisconnectedException.class,
        () -> Relay.at(service.url()).timeout(Duration.ofMillis(10)).connect("token"));
    try (Client control = connect()) {
      assertNotNull(control.me());
    }
  }

  @Test
  void another_address_is_tried_where_the_first_one_does_not_answer() throws Exception {
    Path trusted = folder.resolve("ca.pem");
    String nobody = "wss://localhost:1/v1/connect";
    assertThrows(DisconnectedException.class,
        () -> Relay.at(nobody).trusting(trusted).timeout(Duration.ofMillis(10)).connect("token"));
    try (Client client = Relay.at(nobody).or(service.url()).trusting(trusted).connect("token")) {
      assertEquals(1, client.conversation(CONVERSATION).send("elsewhere").seq());
    }
  }

  private Relay relay() {
    return Relay.at(service.url()).trusting(folder.resolve("ca.pem"));
  }

  private Client connect() {
    return relay().connect("token");
  }

  private IncomingMessage next() {
    try {
      IncomingMessage message = received.poll(10, TimeUnit.SECONDS);
      assertNotNull(message, "no message within 10 s");
      return message;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void keytool(String... arguments) throws Exception {
    List<String> command = new java.util.ArrayList<>(
        List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
  }
}
