// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.client.Client;
import io.e2relay.client.Conversation;
import io.e2relay.client.IncomingMessage;
import io.e2relay.client.Relay;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Redis knows who is where, and nothing depends on it.
final class RedisIT {
  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void keys_appear_with_an_expiry_and_messages_flow_while_redis_is_dead() throws Exception {
    try (Client alice = connect("alice")) {
      Until.holds(Duration.ofSeconds(5), "the node's lease and alice's connection are there",
          () -> SERVICE.redisKeys("e2r:node:*").size() == 1 && SERVICE.redisKeys("e2r:conn:*").size() == 1);
      for (String key : SERVICE.redisKeys("e2r:*")) {
        assertTrue(SERVICE.redisTtlMs(key) > 0, key + " expires");
      }
      SERVICE.backing().killRedis();
      assertEquals("while it is dead", exchange(alice));
      SERVICE.backing().startRedis();
      Until.holds(Duration.ofSeconds(30), "the node writes its keys again",
          () -> SERVICE.redisKeys("e2r:node:*").size() == 1 && SERVICE.redisKeys("e2r:conn:*").size() == 1);
    }
    Until.holds(Duration.ofSeconds(5), "a closed connection's key is gone",
        () -> SERVICE.redisKeys("e2r:conn:*").isEmpty());
    SERVICE.kill();
    Until.holds(Duration.ofSeconds(15), "a dead node's lease expires", () -> SERVICE.redisKeys("e2r:node:*").isEmpty());
    Shown.line("redis lease=appeared,expired connection=appeared,removed dead=messages_flowed");
  }

  private static String exchange(Client alice) throws Exception {
    BlockingQueue<IncomingMessage> received = new LinkedBlockingQueue<>();
    try (Client bob = connect("bob")) {
      bob.onMessage(received::add);
      Conversation conversation = alice.createConversation(bob.me());
      conversation.send("while it is dead");
      IncomingMessage message = received.poll(10, TimeUnit.SECONDS);
      return message == null ? "nothing" : message.text();
    }
  }

  private static Client connect(String name) {
    return Relay.at(SERVICE.url().toString()).trusting(SERVICE.ca()).connect(SERVICE.token(name));
  }
}
