// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.Refusals;
import io.e2relay.client.SealedListener;
import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.AccountMaker;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.DeviceOffer;
import io.e2relay.client.crypto.MadeAccount;
import io.e2relay.client.crypto.ResetBy;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Head;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/// Somebody with one device at a played service. All that the service answers can be replaced on the way.
final class Person implements Own, AutoCloseable {
  static final TenantId TENANT = new TenantId(ByteString.copyFrom(new byte[16]));
  static final Timing AT_ONCE = new Timing(Duration.ofMillis(20), Duration.ofHours(1), Duration.ofDays(7), 20,
      Duration.ofDays(1));

  Vault vault = new InMemoryVault();
  // What all devices of theirs remember together.
  final Map<ConversationId, Head> heads = new ConcurrentHashMap<>();
  final BlockingQueue<EncryptedMessage> received = new LinkedBlockingQueue<>();
  Timing timing = AT_ONCE;
  private final PlayedService service;
  private final Account account;
  private SigningKey root = SigningKey.generate();
  private volatile DeviceKeys keys = DeviceKeys.generate();
  private volatile List<AccountRecord> records = List.of();
  private volatile MadeAccount made;
  private volatile MadeAccount before;
  volatile BiFunction<ClientFrame, ServerFrame, ServerFrame> onTheWay = (_, answer) -> answer;
  // Nothing that is sent arrives.
  volatile boolean lost;
  AlarmBell bell = new AlarmBell();
  Conversations conversations;

  Person(PlayedService service, int name) {
    this.service = service;
    byte[] uid = new byte[Uid.BYTES];
    java.util.Arrays.fill(uid, (byte) name);
    this.account = new Account(TENANT, new Uid(ByteString.copyFrom(uid)));
    AgreementKey aek = AgreementKey.generate();
    this.made = maker().first(aek, List.of(offer()), service.nowMs());
    this.before = made;
    this.keys = keys.with(1, aek);
    this.conversations = new Conversations(this, vault, bell, AT_ONCE);
  }

  /// Tells the service who they are.
  Person registered() {
    keep(made);
    return this;
  }

  /// Comes online, and goes on with what the vault has.
  Person online() {
    return online(received::add);
  }

  Person online(Consumer<EncryptedMessage> handler) {
    onlineWithoutHandler();
    conversations.onMessage(handler);
    return this;
  }

  /// Nobody is told what comes, for now.
  Person onlineWithoutHandler() {
    bell = new AlarmBell();
    conversations = new Conversations(this, vault, bell, timing);
    conversations.start();
    return this;
  }

  void offline() {
    conversations.end();
    service.forget(uid());
  }

  /// With the user's next key, as after a device was revoked.
  void turn() {
    AgreementKey next = AgreementKey.generate();
    MadeAccount turned = maker().rotate(made.chain(), next, service.nowMs());
    keys = keys.with(turned.record().statement().aekGen(), next);
    keep(turned);
  }

  /// With another root, and none of the keys from before.
  void reset() {
    root = SigningKey.generate();
    AgreementKey next = AgreementKey.generate();
    DeviceKeys fresh = DeviceKeys.generate();
    keys = fresh;
    MadeAccount again = maker().reset(made.chain(), next, List.of(offer()), new ResetBy.Nobody(), service.nowMs());
    keys = fresh.with(again.record().statement().aekGen(), next);
    keep(again);
  }

  /// Loses the device and everything else, makes the account anew, and comes back on a device that knows nothing.
  Person lost() {
    offline();
    vault = new InMemoryVault();
    reset();
    return online();
  }

  private void keep(MadeAccount now) {
    before = made;
    made = now;
    List<AccountRecord> longer = new ArrayList<>(records);
    longer.add(now.record());
    records = List.copyOf(longer);
    service.account(uid(), records);
  }

  /// The record that they made last, whether or not anybody was told.
  AccountRecord lastMade() {
    return made.record();
  }

  /// Another record in the place of the newest, as nobody honest makes it.
  AccountRecord otherNewest() {
    return maker().rotate(before.chain(), AgreementKey.generate(), service.nowMs()).record();
  }

  /// A reset of the account that they did not make.
  AccountRecord faked() {
    SigningKey stranger = SigningKey.generate();
    DeviceKeys device = DeviceKeys.generate();
    return new AccountMaker(account, stranger).reset(made.chain(), AgreementKey.generate(),
        List.of(DeviceOffer.of(account, stranger.publicKey(), device)), new ResetBy.Nobody(), service.nowMs()).record();
  }

  EncryptedMessage next() throws InterruptedException {
    EncryptedMessage message = received.poll(10, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("nothing came; alarms: " + bell.raised());
    }
    return message;
  }

  boolean alarmed(Class<? extends Alarm> kind) {
    return bell.raised().stream().anyMatch(kind::isInstance);
  }

  EncryptedConversation at(EncryptedConversation conversation) {
    return conversations.get(conversation.id());
  }

  @Override
  public TenantId tenant() {
    return TENANT;
  }

  @Override
  public Uid uid() {
    return account.uid();
  }

  @Override
  public DeviceKeys keys() {
    return keys;
  }

  @Override
  public List<AccountRecord> records() {
    return records;
  }

  @Override
  public ServerFrame ask(ClientFrame.Builder request) {
    ClientFrame asked = request.build();
    if (lost && asked.hasSend()) {
      throw Refusals.disconnected();
    }
    return onTheWay.apply(asked, service.answer(this, asked));
  }

  @Override
  public void refresh() {
    // There is one device, which knows all of it.
  }

  @Override
  public void listen(SealedListener sealed, Consumer<ServerFrame> news) {
    service.listen(uid(), sealed, news);
  }

  @Override
  public void verify(Uid other, Point compared) {
    // There is one device.
  }

  @Override
  public boolean isVerified(Uid other, Point compared) {
    return false;
  }

  @Override
  public Optional<Head> head(ConversationId conversation) {
    return Optional.ofNullable(heads.get(conversation));
  }

  @Override
  public void verified(Head head) {
    heads.merge(head.conversation(), head, (one, other) -> other.epoch().value() > one.epoch().value() ? other : one);
  }

  @Override
  public void close() {
    conversations.end();
  }

  private AccountMaker maker() {
    return new AccountMaker(account, root);
  }

  private DeviceOffer offer() {
    return DeviceOffer.of(account, root.publicKey(), keys);
  }
}
