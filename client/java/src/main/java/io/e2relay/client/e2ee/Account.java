// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.DisconnectedException;
import io.e2relay.client.RefusedException;
import io.e2relay.client.SealedListener;
import io.e2relay.client.crypto.BackupDraft;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.RecoveryCode;
import io.e2relay.client.crypto.SafetyNumber;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Head;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.SelfKind;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A user's account, as one of its devices uses it. Methods block until there is an answer.
///
/// While there is an alarm about the account itself that nobody has acknowledged, its keys are not to be had, and so
/// nothing is sent or read.
public final class Account implements Own, AutoCloseable {
  private final Service service;
  private final Identity identity;
  private final OwnChain chain;
  private final OwnKeys ownKeys;
  private final OwnAlarms alarms;
  private final AlarmBell bell;
  private final BackupDesk backups;
  private final DeviceDesk desk;
  private final SelfShelf shelf;
  private final OwnHeads heads;
  private final Place place;
  private final Vault vault;
  private final ReentrantLock working = new ReentrantLock();
  private Optional<Conversations> conversations = Optional.empty();

  Account(Service service, Identity identity, Vault vault, OwnChain chain, OwnAlarms alarms, AlarmBell bell) {
    this.service = service;
    this.identity = identity;
    this.chain = chain;
    this.ownKeys = new OwnKeys(service, identity, chain);
    this.alarms = alarms;
    this.bell = bell;
    this.backups = new BackupDesk(service, vault);
    this.desk = new DeviceDesk(service, identity, chain, backups, InstantSource.system());
    this.shelf = new SelfShelf(service, identity, chain, vault, bell);
    this.heads = new OwnHeads(shelf, this::refresh, vault, InstantSource.system());
    this.place = new Place(vault);
    this.vault = vault;
    service.onNews(this::news);
  }

  @Override
  public TenantId tenant() {
    return chain.owner().tenant();
  }

  @Override
  public Uid uid() {
    return chain.owner().uid();
  }

  /// This device.
  public DeviceId device() {
    return identity.keys().device();
  }

  /// This device's keys, with every generation of the user's key that it has; a BlockedException while there is an
  /// alarm.
  @Override
  public DeviceKeys keys() {
    alarms.open().stream().findFirst().ifPresent(alarm -> {
      throw new BlockedException(alarm);
    });
    return identity.keys();
  }

  @Override
  public List<AccountRecord> records() {
    return chain.records();
  }

  @Override
  public ServerFrame ask(ClientFrame.Builder request) {
    return service.ask(request);
  }

  @Override
  public void refresh() {
    working(() -> {
      chain.look(service, identity.keys());
      if (chain.has(identity.keys()) && !ownKeys.fetch()) {
        alarms.raise(new Alarm.OwnKeyMissing(uid(), chain.statement().aekGen()));
      }
      return chain;
    });
  }

  @Override
  public void listen(SealedListener sealed, Consumer<ServerFrame> news) {
    service.onSealed(sealed);
    service.onNews(news);
  }

  /// The user's encrypted conversations. From the first call on this device follows them, and does for the others what
  /// only who has a key can do.
  public Conversations conversations() {
    return conversations(Timing.NORMAL);
  }

  /// The same, with another timing, which the first call sets.
  public Conversations conversations(Timing timing) {
    return working(() -> conversations.orElseGet(() -> {
      Conversations followed = new Conversations(this, vault, bell, timing);
      conversations = Optional.of(followed);
      heads.start(timing.headsEvery());
      followed.start();
      return followed;
    }));
  }

  /// The account's devices, this one among them.
  public List<Device> devices() {
    return chain.statement().devices();
  }

  /// What the user of a new account has to write down, until it is said that it was shown.
  public Optional<Secrets> secrets() {
    return place.secrets();
  }

  /// Forgets them, for good.
  public void secretsShown() {
    place.secretsShown();
  }

  /// Adds the device whose text was scanned or pasted, if its code is the one that its screen shows.
  public Change addDevice(String enrolment, String code, Authority authority) {
    return switch (Enrolment.read(enrolment)) {
      case Reading.Unreadable<Enrolment>(Fault fault) -> new Change.Refused(new AccountProblem.Mistrusted(fault));
      case Reading.Read<Enrolment>(Enrolment read) when !read.code(chain.owner()).matches(code) ->
        new Change.Refused(new AccountProblem.OtherDevice());
      case Reading.Read<Enrolment>(Enrolment read) -> {
        Change change = working(() -> Change.of(desk.add(read, authority)));
        if (change instanceof Change.Done) {
          // The new one starts from there. If that fails now, they are told when it is time.
          boolean _ = heads.told();
        }
        yield change;
      }
    };
  }

  /// Puts another device out. It can read nothing that comes after.
  public Change revoke(DeviceId device, Authority authority) {
    if (device.equals(device())) {
      throw new IllegalArgumentException("this device logs out");
    }
    return working(() -> {
      Change change = Change.of(desk.revoke(device, authority));
      if (change instanceof Change.Done) {
        shelf.sealAnew();
      }
      return change;
    });
  }

  /// A new password, by the old one.
  public Change changePassword(String old, String chosen) {
    return newPassword(() -> backups.open(old), chosen);
  }

  /// A new password, by the recovery code.
  public Change resetPassword(String recoveryCode, String chosen) {
    return switch (RecoveryCode.read(recoveryCode)) {
      case Reading.Unreadable<RecoveryCode> _ -> new Change.Refused(new AccountProblem.MistypedCode());
      case Reading.Read<RecoveryCode>(RecoveryCode code) -> newPassword(() -> backups.open(code), chosen);
    };
  }

  /// Alarms about this account that nobody has acknowledged.
  public List<Alarm> alarms() {
    return alarms.open();
  }

  /// Everything this device wants its user to know, once; what came before comes first.
  public void onAlarm(Consumer<Alarm> handler) {
    bell.handler(handler);
  }

  /// The user has seen it, and goes on. Whoever was added and should not be there is to be revoked.
  public void acknowledge(Alarm alarm) {
    alarms.acknowledge(alarm);
  }

  /// Calls a device by a name, on all devices.
  public void label(DeviceId device, String label) {
    shelf.change(SelfKind.LABELS, device.bytes(), Optional.of(ByteString.copyFromUtf8(label)));
  }

  /// The names of devices.
  public Map<DeviceId, String> labels() {
    shelf.look(SelfKind.LABELS);
    Map<DeviceId, String> labels = new LinkedHashMap<>();
    shelf.entries(SelfKind.LABELS).values()
        .forEach((device, label) -> labels.put(new DeviceId(device), label.toStringUtf8()));
    return labels;
  }

  /// What to compare with somebody whose account has this root.
  public SafetyNumber safetyNumber(Uid other, Point root) {
    return SafetyNumber.of(new SafetyNumber.Person(uid(), chain.statement().ark()),
        new SafetyNumber.Person(other, root));
  }

  /// The safety numbers were compared, with this root: on all devices of the user.
  @Override
  public void verify(Uid other, Point root) {
    shelf.change(SelfKind.VERIFIED, other.bytes(), Optional.of(mark(other, root)));
  }

  /// Whether this root was compared, on this device or on another, as far as this one has heard.
  @Override
  public boolean isVerified(Uid other, Point root) {
    return shelf.entries(SelfKind.VERIFIED).value(other.bytes()).filter(mark(other, root)::equals).isPresent();
  }

  @Override
  public Optional<Head> head(ConversationId conversation) {
    return heads.head(conversation);
  }

  @Override
  public void verified(Head head) {
    heads.verified(head);
  }

  OwnHeads heads() {
    return heads;
  }

  /// Looks what other devices have marked and named.
  public void refreshMarks() {
    shelf.look(SelfKind.LABELS);
    shelf.look(SelfKind.VERIFIED);
  }

  /// Ends this device: the service lets it in no more, and nothing of it is left here. Its keys are out of the account
  /// when another device revokes it.
  public void logOut() {
    LoggingOut.of(service, identity, place);
    close();
  }

  @Override
  public void close() {
    working(() -> conversations).ifPresent(Conversations::end);
    heads.close();
    service.close();
    bell.close();
  }

  private Change newPassword(Supplier<BackupDesk.Opening> opening, String chosen) {
    if (!Strength.suffices(chosen)) {
      return new Change.Refused(new AccountProblem.WeakPassword(Strength.bits(chosen)));
    }
    return working(() -> {
      refresh();
      return switch (opening.get()) {
        case BackupDesk.Opening.Refused(AccountProblem problem) -> new Change.Refused(problem);
        case BackupDesk.Opening.Opened(BackupDesk.Found found) -> switch (desk.root(found)) {
          case DeviceDesk.Access.Refused(AccountProblem problem) -> new Change.Refused(problem);
          case DeviceDesk.Access.Granted(Root root) -> newPassword(root, chosen);
        };
      };
    });
  }

  /// In the vault before it is at the service: whoever is switched off between the steps goes on at the next start.
  private Change newPassword(Root root, String chosen) {
    BackupDraft draft = root.draft(chain.owner(), chain.chain().last(), identity.keys().generations(), chosen);
    place.draft(draft, identity.keys().state());
    Change change = Change.of(backups.finish(draft));
    if (!(change instanceof Change.Refused(AccountProblem.TooManyTries _))) {
      place.noDraft();
    }
    return change;
  }

  private void news(ServerFrame frame) {
    boolean mine = frame.hasAccountChanged() && frame.getAccountChanged().getUid().equals(uid().bytes());
    if (mine || frame.hasWelcome()) {
      try {
        refresh();
      } catch (RefusedException | DisconnectedException _) {
        // The next Welcome asks again.
      }
    }
  }

  private <T> T working(Supplier<T> work) {
    working.lock();
    try {
      return work.get();
    } finally {
      working.unlock();
    }
  }

  private static ByteString mark(Uid other, Point root) {
    return Hash.of(root.bytes(), other.bytes()).bytes();
  }
}
