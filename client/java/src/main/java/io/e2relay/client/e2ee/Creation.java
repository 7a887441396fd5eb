// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.AccountMaker;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.BackupDraft;
import io.e2relay.client.crypto.Bundle;
import io.e2relay.client.crypto.DeviceOffer;
import io.e2relay.client.crypto.RecoveryCode;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.client.crypto.StateKey;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Reading;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Makes an account, step by step: each step looks first whether it was done before, so that whoever was switched off
/// in the middle begins at the beginning and ends with the same account. It counts when its backup is at the service.
final class Creation {
  private final Service service;
  private final Identity identity;
  private final OwnChain chain;
  private final BackupDesk backups;
  private final Place place;
  private final InstantSource clock;

  Creation(Service service, Identity identity, OwnChain chain, Vault vault, InstantSource clock) {
    this.service = service;
    this.identity = identity;
    this.chain = chain;
    this.backups = new BackupDesk(service, vault);
    this.place = new Place(vault);
    this.clock = clock;
  }

  /// An account without a backup has no password.
  void begin(Optional<String> password, boolean generated) {
    SigningKey root = SigningKey.generate();
    AgreementKey aek = AgreementKey.generate();
    Bundle keys = Bundle.of(Hash.NONE, 1, root, RecoveryCode.generate(), new TreeMap<>(Map.of(1L, aek)));
    place.make(new Place.Making(keys, root.publicKey(), aek.publicKey(), password, generated), service.owner(),
        identity.keys().state());
  }

  /// What stands against it; nothing once the account is there.
  Optional<AccountProblem> goOn(Place.Making making) {
    SigningKey root = mine(making.keys().accountKey(making.root()));
    AgreementKey aek = mine(making.keys().generation(1, making.aek()));
    Optional<AccountProblem> problem = first(root, aek, making.password().isEmpty());
    if (problem.isEmpty() && making.password().isPresent()) {
      problem = backup(making, root, aek);
    }
    if (problem.isEmpty()) {
      place.made(making.password()
          .map(password -> Secrets.of(making.generated() ? Optional.of(Passphrase.of(password)) : Optional.empty(),
              making.keys().recoveryCode())));
    }
    return problem;
  }

  /// The account's first record is there, and it is ours.
  private Optional<AccountProblem> first(SigningKey root, AgreementKey aek, boolean strict) {
    if (chain.isKnown()) {
      return Optional.empty();
    }
    Account owner = service.owner();
    Reading<ShownChain> shown = ShownChain.of(service, owner);
    if (shown instanceof Reading.Read<ShownChain>(ShownChain none) && none.isEmpty()) {
      AccountMaker maker = new AccountMaker(owner, root);
      DeviceOffer offer = DeviceOffer.of(owner, root.publicKey(), identity.keys());
      RecordDesk.put(service, maker, maker.first(aek, List.of(offer), clock.millis()), strict);
      shown = ShownChain.of(service, owner);
    }
    return switch (shown) {
      case Reading.Unreadable<ShownChain>(Fault fault) -> Optional.of(new AccountProblem.Mistrusted(fault));
      case Reading.Read<ShownChain>(ShownChain there) when there.isEmpty() ->
        Optional.of(new AccountProblem.Mistrusted(Fault.ROLLED_BACK));
      case Reading.Read<ShownChain>(ShownChain there) when !there.records().getFirst().statement().ark()
          .equals(root.publicKey()) -> {
        place.made(Optional.empty());
        yield Optional.of(new AccountProblem.AccountExists());
      }
      case Reading.Read<ShownChain>(ShownChain there) -> {
        identity.learn(Map.of(1L, aek));
        chain.trust(there, Map.of());
        yield Optional.empty();
      }
    };
  }

  private Optional<AccountProblem> backup(Place.Making making, SigningKey root, AgreementKey aek) {
    if (!service.proven()) {
      return Optional.of(new AccountProblem.NotInAccount());
    }
    StateKey key = identity.keys().state();
    BackupDraft draft = place.draft(key).orElseGet(() -> {
      Bundle bundle = Bundle.of(chain.records().getFirst().hash(), 1, root, making.keys().recoveryCode(),
          new TreeMap<>(Map.of(1L, aek)));
      BackupDraft first = BackupDraft.first(service.owner(), making.password().orElseThrow(), bundle);
      place.draft(first, key);
      return first;
    });
    return backups.finish(draft);
  }

  private static <T> T mine(Reading<T> key) {
    return switch (key) {
      case Reading.Read<T>(T value) -> value;
      case Reading.Unreadable<T>(Fault fault) -> throw new IllegalStateException("made here, yet " + fault);
    };
  }
}
