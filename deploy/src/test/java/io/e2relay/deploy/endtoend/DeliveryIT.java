// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.client.Client;
import io.e2relay.client.Conversation;
import io.e2relay.client.ConversationLink;
import io.e2relay.client.Receipt;
import io.e2relay.client.Relay;
import io.e2relay.loadtest.oracle.DeliveryLog;
import io.e2relay.loadtest.oracle.DeliveryVerdict;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.id.MsgId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class DeliveryIT {
  private static final int SENDERS = 10;
  private static final int RECEIVERS = 50;
  private static final int MESSAGES = 1_000;

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  private final DeliveryLog log = new DeliveryLog();
  private final List<Client> clients = new ArrayList<>();

  @Test
  void everybody_sees_every_message_once_and_in_order_over_both_subprotocols() throws Exception {
    Conversation first = connect("sender-0", Subprotocol.PROTOBUF).createLinkedConversation();
    ConversationLink link = first.link();
    List<Conversation> senders = new ArrayList<>(List.of(first));
    for (int i = 1; i < SENDERS; i++) {
      senders.add(connect("sender-" + i, i % 2 == 0 ? Subprotocol.PROTOBUF : Subprotocol.JSON).join(link));
    }
    for (int i = 0; i < RECEIVERS; i++) {
      String name = "receiver-" + i;
      Client receiver = connect(name, i % 2 == 0 ? Subprotocol.PROTOBUF : Subprotocol.JSON);
      receiver.join(link);
      log.expects(name, link.conversation());
      receiver.onMessage(message -> log.received(name, message.conversation(), message.seq(), message.msgId()));
    }
    send(senders);
    Until.holds(Duration.ofSeconds(60), "everybody has everything", () -> log.outstanding() == 0);
    DeliveryVerdict verdict = log.verdict();
    assertEquals(new DeliveryVerdict(MESSAGES, MESSAGES, (long) MESSAGES * RECEIVERS, 0, 0, 0, 0), verdict);
    Shown.line("delivery messages=%d senders=%d receivers=%d subprotocols=2 %s".formatted(MESSAGES, SENDERS, RECEIVERS,
        verdict));
    clients.forEach(Client::close);
  }

  private void send(List<Conversation> senders) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> runs = new ArrayList<>();
      for (Conversation conversation : senders) {
        runs.add(threads.submit(() -> {
          for (int i = 0; i < MESSAGES / SENDERS; i++) {
            MsgId message = new MsgId(RawSocket.random(MsgId.BYTES));
            log.attempted(message, conversation.id());
            Receipt receipt = conversation.send(message, RawSocket.random(200));
            log.acknowledged(message, receipt.seq());
          }
        }));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    }
  }

  private Client connect(String name, Subprotocol subprotocol) {
    Client client = Relay.at(SERVICE.url().toString()).trusting(SERVICE.ca()).over(subprotocol)
        .connect(SERVICE.token(name));
    clients.add(client);
    return client;
  }
}
