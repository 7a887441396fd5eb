// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.client.Client;
import io.e2relay.client.Conversation;
import io.e2relay.client.ConversationLink;
import io.e2relay.client.Receipt;
import io.e2relay.client.Relay;
import io.e2relay.deploy.endtoend.Until;
import io.e2relay.loadtest.oracle.DeliveryLog;
import io.e2relay.loadtest.oracle.DeliveryVerdict;
import io.e2relay.protocol.id.MsgId;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/// People on every node who all talk in one conversation, and the record of what each of them sends and sees.
final class Traffic implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(25);
  private static final Duration END = Duration.ofSeconds(60);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final DeliveryLog log = new DeliveryLog();
  private final Map<String, Long> seen = new ConcurrentHashMap<>();
  private final List<Client> clients = new ArrayList<>();
  private final List<Conversation> senders = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicBoolean stop = new AtomicBoolean();

  /// One sender and one receiver at each of these.
  Traffic(ClusterExtension cluster, String name, List<Relay> relays) {
    Client founder = connect(cluster, relays.getFirst(), name + "-sender-0");
    Conversation first = founder.createLinkedConversation();
    ConversationLink link = first.link();
    senders.add(first);
    for (int i = 1; i < relays.size(); i++) {
      senders.add(connect(cluster, relays.get(i), name + "-sender-" + i).join(link));
    }
    for (int i = 0; i < relays.size(); i++) {
      String receiver = name + "-receiver-" + i;
      Client client = connect(cluster, relays.get(i), receiver);
      client.join(link);
      log.expects(receiver, link.conversation());
      seen.put(receiver, 0L);
      client.onMessage(message -> {
        log.received(receiver, message.conversation(), message.seq(), message.msgId());
        seen.merge(receiver, message.seq(), Math::max);
      });
    }
  }

  private Client connect(ClusterExtension cluster, Relay relay, String name) {
    Client client = relay.connect(() -> cluster.token(name));
    clients.add(client);
    return client;
  }

  /// Everybody sends from now on, one message after the other.
  Traffic begin() {
    for (Conversation sender : senders) {
      threads.add(Thread.ofVirtual().start(() -> {
        while (!stop.get()) {
          send(sender);
          LockSupport.parkNanos(PAUSE.toNanos());
        }
      }));
    }
    return this;
  }

  private long send(Conversation sender) {
    MsgId message = new MsgId(random(MsgId.BYTES));
    log.attempted(message, sender.id());
    Receipt receipt = sender.send(message, random(300));
    log.acknowledged(message, receipt.seq());
    return receipt.seq();
  }

  int acknowledged() {
    return log.acknowledged().size();
  }

  /// So many more are acknowledged.
  void awaitMore(int messages, Duration within) {
    int before = acknowledged();
    Until.holds(within, messages + " more are acknowledged", () -> acknowledged() >= before + messages);
  }

  /// What each sender sends now is with every receiver within the time. Yields how many milliseconds it took.
  long awaitLive(Duration within) {
    long began = System.nanoTime();
    long last = 0;
    for (Conversation sender : senders) {
      last = Math.max(last, send(sender));
    }
    long newest = last;
    Until.holds(within, () -> "everybody sees " + newest + ", not " + seen,
        () -> seen.values().stream().allMatch(seq -> seq >= newest));
    return (System.nanoTime() - began) / 1_000_000;
  }

  /// Nobody sends any more; then everybody has everything, once and in order.
  DeliveryVerdict end() throws InterruptedException {
    stop.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    Until.holds(END, () -> "everybody has everything: " + log.verdict(), () -> log.outstanding() == 0);
    DeliveryVerdict verdict = log.verdict();
    long sent = verdict.attempted();
    assertTrue(sent > 0, "the load was real");
    assertEquals(new DeliveryVerdict(sent, sent, sent * seen.size(), 0, 0, 0, 0), verdict);
    return verdict;
  }

  @Override
  public void close() {
    stop.set(true);
    clients.forEach(Client::close);
  }

  static ByteString random(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return ByteString.copyFrom(random);
  }
}
