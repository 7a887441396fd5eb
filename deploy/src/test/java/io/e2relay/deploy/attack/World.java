// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.InMemoryKeyStorage;
import io.e2relay.client.e2ee.Account;
import io.e2relay.client.e2ee.Alarm;
import io.e2relay.client.e2ee.Conversations;
import io.e2relay.client.e2ee.Entrance;
import io.e2relay.client.e2ee.InMemoryVault;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.deploy.endtoend.Shown;
import io.e2relay.deploy.endtoend.TestIssuer;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.wire.ClientFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// Alice and Bob, who write to each other in an encrypted group before anything is attacked, behind a server that may
/// lie. Every world has people of its own.
final class World implements AutoCloseable {
  static final TenantId TENANT = new TenantId(ByteString.fromHex(TestIssuer.TENANT));
  private static final AtomicInteger WORLDS = new AtomicInteger();

  final MaliciousServer server;
  final Ledger ledger;
  final Person alice;
  final Person bob;
  final ConversationId chat;
  private final ServiceExtension service;
  private final int number = WORLDS.incrementAndGet();
  private final List<Person> people = new ArrayList<>();

  World(ServiceExtension service) throws TimeoutException {
    this(service, Conversations.USUAL);
  }

  World(ServiceExtension service, Policy policy) throws TimeoutException {
    this(service, Optional.of(policy));
  }

  private World(ServiceExtension service, Optional<Policy> policy) throws TimeoutException {
    this.service = service;
    this.server = MaliciousServer.before(service);
    this.ledger = new Ledger(service);
    this.alice = person("alice");
    this.bob = person("bob");
    this.chat = policy.map(this::meet).orElse(GenesisStatement.NO_PREDECESSOR);
  }

  /// The same two, who have not met yet.
  static World ofStrangers(ServiceExtension service) throws TimeoutException {
    return new World(service, Optional.empty());
  }

  private ConversationId meet(Policy policy) {
    ConversationId met = alice.conversations().group(policy, bob.uid()).id();
    alice.says(met, "hello");
    bob.hears(met, "hello");
    bob.says(met, "hello, Alice");
    alice.hears(met, "hello", "hello, Alice");
    return met;
  }

  /// One more of this world, with an account of their own.
  Person person(String name) {
    String unique = unique(name);
    Person person = Person.join(unique, server.relay(), () -> service.token(unique));
    people.add(person);
    return person;
  }

  /// A second device of somebody, by their password.
  Account addDevice(Person person) {
    return Person.entered(fresh(person.name()).restore(person.passphrase()));
  }

  /// A device that is in no account yet, with the token of the user of this name.
  Entrance fresh(String unique) {
    return Entrance.at(server.relay(), () -> service.token(unique), new InMemoryKeyStorage(), new InMemoryVault());
  }

  /// Somebody whom only the server knows of.
  Impostor stranger() {
    return impostor(user("stranger"));
  }

  /// The server's own keys in the name of a user.
  Impostor impostor(Uid as) {
    return new Impostor(TENANT, as);
  }

  /// The host's name of somebody of this world.
  String unique(String name) {
    return name + "-" + number;
  }

  Uid user(String name) {
    return Ids.uid(TENANT, unique(name));
  }

  /// Of all frames that left a client, none has a key for this user, or counts the user in.
  void assertNothingLeftFor(Uid stranger) {
    assertEquals(List.of(), statements().filter(statement -> statement.entry(stranger).isPresent()).toList());
    assertEquals(List.of(),
        asked().filter(ClientFrame::hasPutGrant).map(frame -> Records.value(Grant.read(frame.getPutGrant().getGrant())))
            .filter(grant -> grant.statement().grantee().equals(stranger)).toList());
  }

  /// Every roster that a client signed, with as many wraps as it has active members.
  private Stream<EpochStatement> statements() {
    return asked().filter(frame -> !isOpen(frame)).flatMap(frame -> switch (frame.getBodyCase()) {
      case CREATE_CONVERSATION ->
        Stream.of(statement(frame.getCreateConversation().getRecord(), frame.getCreateConversation().getWrapsCount()));
      case UPGRADE_CONVERSATION -> Stream
          .of(statement(frame.getUpgradeConversation().getRecord(), frame.getUpgradeConversation().getWrapsCount()));
      case PUT_EPOCH -> Stream.of(statement(frame.getPutEpoch().getRecord(), frame.getPutEpoch().getWrapsCount()));
      default -> Stream.<EpochStatement>empty();
    });
  }

  private static boolean isOpen(ClientFrame frame) {
    return frame.hasCreateConversation() && frame.getCreateConversation().getRecord().isEmpty();
  }

  private static EpochStatement statement(ByteString record, int wraps) {
    EpochStatement statement = Records.epoch(record).statement();
    assertEquals(statement.roster().stream().filter(RosterEntry::active).count(), wraps);
    return statement;
  }

  private Stream<ClientFrame> asked() {
    return people.stream().flatMap(person -> server.asked(person.name()).stream());
  }

  /// An alarm in one word, with its fault if it has one.
  static String name(Alarm alarm) {
    String kind = alarm.getClass().getSimpleName();
    return switch (alarm) {
      case Alarm.BadKey(_, _, Fault fault, _) -> kind + ":" + fault;
      case Alarm.RecordRefused(_, Fault fault) -> kind + ":" + fault;
      case Alarm.MessageRefused(_, _, Fault fault) -> kind + ":" + fault;
      case Alarm.AccountRefused(_, Fault fault) -> kind + ":" + fault;
      case Alarm.SelfRefused(_, _, Fault fault) -> kind + ":" + fault;
      case Alarm other -> kind;
    };
  }

  static void shown(String attack, Object refused) {
    Shown.line("attack name=%s refused=%s control=ok".formatted(attack, refused));
  }

  @Override
  public void close() throws TimeoutException {
    people.forEach(Person::close);
    server.close();
  }
}
