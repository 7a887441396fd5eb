// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.e2relay.client.Relay;
import io.e2relay.client.crypto.InMemoryKeyStorage;
import io.e2relay.client.crypto.KeyStorage;
import io.e2relay.client.e2ee.Account;
import io.e2relay.client.e2ee.Alarm;
import io.e2relay.client.e2ee.BlockedException;
import io.e2relay.client.e2ee.Contacts;
import io.e2relay.client.e2ee.ConversationState;
import io.e2relay.client.e2ee.Conversations;
import io.e2relay.client.e2ee.EncryptedConversation;
import io.e2relay.client.e2ee.EncryptedMessage;
import io.e2relay.client.e2ee.Entrance;
import io.e2relay.client.e2ee.Entry;
import io.e2relay.client.e2ee.InMemoryVault;
import io.e2relay.client.e2ee.Vault;
import io.e2relay.deploy.endtoend.Until;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Uid;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.junit.jupiter.api.function.Executable;

/// A user of the SDK with one device, and what came to it. Switched off and on again the device has its keys and its
/// vault, and nothing else.
final class Person implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final String name;
  private final Relay relay;
  private final Supplier<String> tokens;
  private final KeyStorage keys;
  private final Vault vault;
  private final List<EncryptedMessage> heard = new CopyOnWriteArrayList<>();
  private final List<Alarm> alarms = new CopyOnWriteArrayList<>();
  private Entrance entrance;
  private Account account;

  private Person(String name, Relay relay, Supplier<String> tokens) {
    this.name = name;
    this.relay = relay;
    this.tokens = tokens;
    this.keys = new InMemoryKeyStorage();
    this.vault = new InMemoryVault();
    this.entrance = Entrance.at(relay, tokens, keys, vault);
    this.account = entered(entrance.create());
    listen();
  }

  /// Somebody new, with an account.
  static Person join(String name, Relay relay, Supplier<String> tokens) {
    return new Person(name, relay, tokens);
  }

  String name() {
    return name;
  }

  Uid uid() {
    return account.uid();
  }

  DeviceId device() {
    return account.device();
  }

  Account account() {
    return account;
  }

  Conversations conversations() {
    return account.conversations();
  }

  Contacts contacts() {
    return conversations().contacts();
  }

  EncryptedConversation in(ConversationId conversation) {
    return conversations().get(conversation);
  }

  /// What the user wrote down when the account was made.
  String passphrase() {
    return account.secrets().orElseThrow().passphrase().orElseThrow().reveal();
  }

  void says(ConversationId conversation, String text) {
    in(conversation).send(text);
  }

  /// Waits until exactly these have come.
  void hears(ConversationId conversation, String... texts) {
    Until.holds(SOON, () -> name + " hears " + List.of(texts) + ", not " + heard(conversation) + alarms(),
        () -> heard(conversation).equals(List.of(texts)));
  }

  void hearsLast(ConversationId conversation, String text) {
    Until.holds(SOON, () -> name + " hears " + text + " behind " + heard(conversation) + alarms(),
        () -> !heard(conversation).isEmpty() && heard(conversation).getLast().equals(text));
  }

  List<String> heard(ConversationId conversation) {
    return heard.stream().filter(message -> message.conversation().equals(conversation)).map(EncryptedMessage::text)
        .toList();
  }

  /// In which epoch that was written.
  long epochOf(ConversationId conversation, String text) {
    return heard.stream().filter(message -> message.conversation().equals(conversation) && message.text().equals(text))
        .findFirst().orElseThrow().epoch().value();
  }

  List<String> history(ConversationId conversation) {
    return in(conversation).history(0).stream().map(EncryptedMessage::text).toList();
  }

  /// Waits until the conversation can be read and written.
  void knows(ConversationId conversation) {
    isIn(conversation, ConversationState.READY);
  }

  /// Waits until this is what can be done in the conversation.
  void isIn(ConversationId conversation, ConversationState state) {
    Until.holds(SOON, () -> name + " is " + state + ", not " + in(conversation).state(),
        () -> in(conversation).state().equals(state));
  }

  /// Waits until the device has verified this epoch.
  void reaches(ConversationId conversation, long epoch) {
    Until.holds(SOON, () -> name + " is in epoch " + epoch + alarms(), () -> in(conversation).epoch().value() == epoch);
  }

  List<Alarm> alarms() {
    return List.copyOf(alarms);
  }

  /// Waits until this very alarm has been raised.
  void alarmed(Alarm alarm) {
    Until.holds(SOON, () -> name + " is alarmed by " + alarm + ", not by " + alarms(), () -> alarms().contains(alarm));
  }

  /// Has seen what was said about the own account, and goes on.
  void acknowledges() {
    account.alarms().forEach(account::acknowledge);
  }

  void isBlocked(Alarm by, Executable action) {
    assertEquals(by, assertThrows(BlockedException.class, action).alarm());
  }

  /// Is switched off and on again.
  void reopens() {
    close();
    heard.clear();
    alarms.clear();
    entrance = Entrance.at(relay, tokens, keys, vault);
    account = entered(entrance.enter());
    listen();
  }

  @Override
  public void close() {
    account.close();
    entrance.close();
  }

  static Account entered(Entry entry) {
    return switch (entry) {
      case Entry.Entered(Account account) -> account;
      case Entry.Refused(var problem) -> throw new AssertionError("not entered: " + problem);
    };
  }

  private void listen() {
    account.onAlarm(alarms::add);
    conversations().onMessage(heard::add);
  }
}
