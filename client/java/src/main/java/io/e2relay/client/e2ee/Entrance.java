// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.client.RefusedException;
import io.e2relay.client.Relay;
import io.e2relay.client.crypto.BackupDraft;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.DeviceOffer;
import io.e2relay.client.crypto.KeyStorage;
import io.e2relay.client.crypto.RecoveryCode;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/// How a device comes to use an account: it enters the one it is in, makes one, or restores one. Methods block until
/// there is an answer. What was interrupted goes on when the device enters the next time.
public final class Entrance implements AutoCloseable {
  private final Service service;
  private final Identity identity;
  private final Vault vault;
  private final Place place;
  private final AlarmBell bell = new AlarmBell();
  private final OwnAlarms alarms;
  private final OwnChain chain;
  private final BackupDesk backups;
  private final InstantSource clock;
  private Standing standing;

  /// What the service made of this device when it connected.
  sealed interface Standing {
    record Usual() implements Standing {
    }

    record Idle() implements Standing {
    }

    /// Connected as the device that this one becomes if its user wants that.
    record Removed(DeviceKeys next) implements Standing {
    }
  }

  Entrance(Service service, Identity identity, Vault vault, InstantSource clock, Standing standing) {
    this.service = service;
    this.identity = identity;
    this.vault = vault;
    this.place = new Place(vault);
    this.alarms = new OwnAlarms(vault, bell);
    this.chain = new OwnChain(place.owner().orElseGet(service::owner), vault, alarms);
    this.backups = new BackupDesk(service, vault);
    this.clock = clock;
    this.standing = standing;
  }

  /// Connects as this device. Keys and vault belong together: a device whose vault is lost begins as another one.
  public static Entrance at(Relay relay, Supplier<String> tokens, KeyStorage storage, Vault vault) {
    InstantSource clock = InstantSource.system();
    Place place = new Place(vault);
    Identity identity = Identity.of(storage, place.owner(), clock);
    if (place.isLeaving()) {
      LoggingOut.finish(() -> connected(relay, tokens, identity), identity, place);
    }
    try {
      Service service = connected(relay, tokens, identity);
      identity.belongsTo(place.owner().orElseGet(service::owner));
      return new Entrance(service, identity, vault, clock, new Standing.Usual());
    } catch (RefusedException e) {
      if (e.code() == ErrorCode.DEVICE_IDLE.number()) {
        identity.belongsToNobody();
        return new Entrance(connected(relay, tokens, identity), identity, vault, clock, new Standing.Idle());
      }
      if (e.code() == ErrorCode.DEVICE_UNPROVEN.number() && place.owner().isPresent()) {
        // The service may be lying: nothing is forgotten until the user says so.
        DeviceKeys next = identity.keys().another();
        identity.belongsToNobody();
        Service service = new Service.Online(relay.as(next.device(), identity).connect(tokens));
        return new Entrance(service, identity, vault, clock, new Standing.Removed(next));
      }
      throw e;
    }
  }

  /// Enters the account that this device is in. NoAccount: create one; NotInAccount: restore it, or have this device
  /// added by another; Idle: unlock it; Removed: restore it, as another device.
  public Entry enter() {
    if (!service.owner().equals(chain.owner())) {
      return refused(new AccountProblem.OtherUser());
    }
    Optional<AccountProblem> problem = switch (standing) {
      case Standing.Usual _ -> made().or(this::inside).or(this::drafted);
      case Standing.Idle _ -> Optional.of(new AccountProblem.Idle());
      case Standing.Removed _ -> Optional.of(new AccountProblem.Removed());
    };
    return problem.<Entry>map(Entry.Refused::new)
        .orElseGet(() -> new Entry.Entered(new Account(service, identity, vault, chain, alarms, bell)));
  }

  /// A new account, with a passphrase that is made here. Afterwards [Account#secrets] has what the
  /// user is to write down.
  public Entry create() {
    return create(Optional.of(Passphrase.generate().reveal()), true);
  }

  /// A new account, with a password that somebody made up; a weak one is refused. Afterwards
  /// [Account#secrets] has the recovery code that the user is to write down.
  public Entry create(String password) {
    return Strength.suffices(password) ? create(Optional.of(password), false) : weak(password);
  }

  /// A new account without a backup: whoever loses all devices loses it, and each device can add and revoke others.
  public Entry createStrict() {
    return create(Optional.empty(), false);
  }

  /// Takes this device into the account, by the password.
  public Entry restore(String password) {
    return restore(() -> backups.open(password), Optional.empty());
  }

  /// Takes this device into the account, by the recovery code; the password was forgotten, and this is the new one.
  public Entry recover(String recoveryCode, String newPassword) {
    if (!Strength.suffices(newPassword)) {
      return weak(newPassword);
    }
    return switch (RecoveryCode.read(recoveryCode)) {
      case Reading.Unreadable<RecoveryCode> _ -> refused(new AccountProblem.MistypedCode());
      case Reading.Read<RecoveryCode>(RecoveryCode code) -> restore(() -> backups.open(code), Optional.of(newPassword));
    };
  }

  /// What another device, which is in the account, needs to add this one. Show its code beside it.
  public Optional<Offered> offer() {
    return switch (ShownChain.of(service, service.owner())) {
      case Reading.Read<ShownChain>(ShownChain shown) when !shown.isEmpty() -> {
        var owner = service.owner();
        var root = shown.newest().statement().ark();
        place.offeredTo(root);
        Enrolment enrolment = new Enrolment(DeviceOffer.of(owner, root, identity.keys()));
        yield Optional.of(new Offered(enrolment.text(), enrolment.code(owner).text()));
      }
      case Reading.Read<ShownChain> _,Reading.Unreadable<ShownChain> _ -> Optional.empty();
    };
  }

  /// A device that nobody used for a long time is used again by who knows the password.
  public Entry unlock(String password) {
    if (!(standing instanceof Standing.Idle)) {
      return enter();
    }
    return switch (backups.open(password)) {
      case BackupDesk.Opening.Refused(AccountProblem problem) -> refused(problem);
      case BackupDesk.Opening.Opened _ -> {
        standing = new Standing.Usual();
        identity.belongsTo(chain.owner());
        service.renew();
        yield enter();
      }
    };
  }

  @Override
  public void close() {
    service.close();
    bell.close();
  }

  private Entry create(Optional<String> password, boolean generated) {
    if (place.making(identity.keys().state()).isEmpty()) {
      if (exists()) {
        return refused(new AccountProblem.AccountExists());
      }
      new Creation(service, identity, chain, vault, clock).begin(password, generated);
    }
    return enter();
  }

  private Entry restore(Supplier<BackupDesk.Opening> opening, Optional<String> newPassword) {
    if (!service.owner().equals(chain.owner())) {
      return refused(new AccountProblem.OtherUser());
    }
    if (!exists()) {
      return refused(new AccountProblem.NoAccount());
    }
    return switch (opening.get()) {
      case BackupDesk.Opening.Refused(AccountProblem problem) -> refused(problem);
      case BackupDesk.Opening.Opened(BackupDesk.Found found) -> anew().orElse(this).join(found, newPassword);
    };
  }

  private Entry join(BackupDesk.Found found, Optional<String> newPassword) {
    return new Restoration(service, identity, chain, vault, clock).by(found, newPassword).<Entry>map(Entry.Refused::new)
        .orElseGet(this::enter);
  }

  /// Goes on with an account in the making.
  private Optional<AccountProblem> made() {
    return place.making(identity.keys().state())
        .flatMap(making -> new Creation(service, identity, chain, vault, clock).goOn(making));
  }

  private Optional<AccountProblem> inside() {
    DeviceKeys me = identity.keys();
    Optional<AccountProblem> problem = chain.isKnown() ? Optional.empty() : added(me);
    if (problem.isPresent()) {
      return problem;
    }
    chain.look(service, me);
    if (!chain.has(me) || !service.proven()) {
      return Optional.of(new AccountProblem.NotInAccount());
    }
    if (!new OwnKeys(service, identity, chain).fetch()) {
      alarms.raise(new Alarm.OwnKeyMissing(chain.owner().uid(), chain.statement().aekGen()));
    }
    return Optional.empty();
  }

  /// Another device may have added this one, to the account that it offered itself to.
  private Optional<AccountProblem> added(DeviceKeys me) {
    return switch (ShownChain.of(service, service.owner())) {
      case Reading.Unreadable<ShownChain>(Fault fault) -> Optional.of(new AccountProblem.Mistrusted(fault));
      case Reading.Read<ShownChain>(ShownChain shown) when shown.isEmpty() ->
        Optional.of(new AccountProblem.NoAccount());
      case Reading.Read<ShownChain>(ShownChain shown) when !shown.has(me) ->
        Optional.of(new AccountProblem.NotInAccount());
      case Reading.Read<ShownChain>(ShownChain shown) when !place.offeredTo()
          .equals(Optional.of(shown.newest().statement().ark())) ->
        Optional.of(new AccountProblem.Mistrusted(Fault.KEY_MISMATCH));
      case Reading.Read<ShownChain>(ShownChain shown) -> {
        chain.trust(shown, Place.ownedBy(service.owner()));
        yield Optional.empty();
      }
    };
  }

  /// Goes on with a backup on its way. One that somebody else overtook is given up, and that is told once.
  private Optional<AccountProblem> drafted() {
    Optional<BackupDraft> draft = place.draft(identity.keys().state());
    Optional<AccountProblem> problem = draft.flatMap(backups::finish);
    if (draft.isPresent() && (problem.isEmpty() || problem.get() instanceof AccountProblem.Moved)) {
      place.noDraft();
    }
    return problem;
  }

  /// A device that was removed becomes another one, with an empty vault.
  private Optional<Entrance> anew() {
    if (!(standing instanceof Standing.Removed(DeviceKeys next))) {
      return Optional.empty();
    }
    identity.become(next);
    place.clear();
    identity.belongsTo(service.owner());
    return Optional.of(new Entrance(service, identity, vault, clock, new Standing.Usual()));
  }

  /// Asked anew: another device may have made the account since this one was welcomed.
  private boolean exists() {
    return chain.isKnown() || ShownChain.ask(service, service.owner().uid(), 0).lastSeq() > 0;
  }

  private static Service connected(Relay relay, Supplier<String> tokens, Identity identity) {
    return new Service.Online(relay.as(identity.keys().device(), identity).connect(tokens));
  }

  private static Entry refused(AccountProblem problem) {
    return new Entry.Refused(problem);
  }

  private static Entry weak(String password) {
    return refused(new AccountProblem.WeakPassword(Strength.bits(password)));
  }
}
