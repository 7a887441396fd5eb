// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import io.e2relay.client.Relay;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.InMemoryKeyStorage;
import io.e2relay.client.crypto.KeyStorage;
import io.e2relay.client.e2ee.Account;
import io.e2relay.client.e2ee.Alarm;
import io.e2relay.client.e2ee.Conversations;
import io.e2relay.client.e2ee.EncryptedConversation;
import io.e2relay.client.e2ee.EncryptedMessage;
import io.e2relay.client.e2ee.Entrance;
import io.e2relay.client.e2ee.Entry;
import io.e2relay.client.e2ee.InMemoryVault;
import io.e2relay.client.e2ee.Timing;
import io.e2relay.client.e2ee.Vault;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Point;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// Somebody who chats encrypted, with one device that can be switched off and on.
final class Chatter implements AutoCloseable {
  /// Nobody waits long to do what anybody can do; everything else as usual.
  static final Timing PROMPT = new Timing(Duration.ofMillis(200), Duration.ofSeconds(30), Duration.ofDays(7), 10_000,
      Duration.ofDays(1));

  final String name;
  final BlockingQueue<EncryptedMessage> received = new LinkedBlockingQueue<>();
  final List<Alarm> alarms = new CopyOnWriteArrayList<>();
  private final ServiceExtension service;
  private final Timing timing;
  private final KeyStorage storage;
  private final Vault vault;
  private final Account account;
  private final Conversations conversations;

  /// What is left of a device when it is off.
  private record Device(KeyStorage storage, Vault vault) {
  }

  private Chatter(ServiceExtension service, String name, Timing timing, Device device, Function<Entrance, Entry> way) {
    this.service = service;
    this.name = name;
    this.timing = timing;
    this.storage = device.storage();
    this.vault = device.vault();
    Relay relay = Relay.at(service.url().toString()).trusting(service.ca());
    this.account = switch (way.apply(Entrance.at(relay, () -> service.token(name), storage, vault))) {
      case Entry.Entered(Account entered) -> entered;
      case Entry.Refused(var problem) -> throw new AssertionError(name + " has no account: " + problem);
    };
    account.onAlarm(alarms::add);
    this.conversations = account.conversations(timing);
    conversations.onMessage(received::add);
  }

  /// Makes an account and comes online.
  static Chatter registered(ServiceExtension service, String name) {
    return registered(service, name, PROMPT);
  }

  static Chatter registered(ServiceExtension service, String name, Timing timing) {
    return new Chatter(service, name, timing, new Device(new InMemoryKeyStorage(), new InMemoryVault()),
        Entrance::createStrict);
  }

  /// Comes to an account with a new device.
  static Chatter by(ServiceExtension service, String name, Function<Entrance, Entry> way) {
    return new Chatter(service, name, PROMPT, new Device(new InMemoryKeyStorage(), new InMemoryVault()), way);
  }

  /// On a device whose keys somebody made, of an account that they know by its root.
  static Chatter on(ServiceExtension service, String name, DeviceKeys keys, Point root) {
    KeyStorage storage = new InMemoryKeyStorage();
    storage.save(keys);
    Vault vault = new InMemoryVault();
    Uid uid = Ids.uid(KeyHolder.TENANT, name);
    vault.write(Map.of("account/owner", Optional.of(KeyHolder.TENANT.bytes().concat(uid.bytes())), "account/offered",
        Optional.of(root.bytes())));
    return new Chatter(service, name, PROMPT, new Device(storage, vault), Entrance::enter);
  }

  /// Switches the device on again.
  Chatter again() {
    return new Chatter(service, name, timing, new Device(storage, vault), Entrance::enter);
  }

  Uid uid() {
    return account.uid();
  }

  Account account() {
    return account;
  }

  Conversations conversations() {
    return conversations;
  }

  /// The same conversation, as this one sees it.
  EncryptedConversation at(EncryptedConversation conversation) {
    return conversations.get(conversation.id());
  }

  EncryptedMessage next() {
    try {
      EncryptedMessage message = received.poll(30, TimeUnit.SECONDS);
      if (message == null) {
        throw new AssertionError("nothing came to " + name + "; alarms: " + alarms);
      }
      return message;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  List<String> history(EncryptedConversation conversation) {
    return at(conversation).history(0).stream().map(EncryptedMessage::text).toList();
  }

  @Override
  public void close() {
    account.close();
  }
}
