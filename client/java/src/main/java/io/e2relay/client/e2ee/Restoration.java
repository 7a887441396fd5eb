// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.DeviceOffer;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Takes this device into its user's account, with the backup opened. Whatever is to be remembered is in the vault
/// before the account's next record is made; if that never comes to the service, all of it begins anew.
final class Restoration {
  private final Service service;
  private final Identity identity;
  private final OwnChain chain;
  private final DeviceDesk devices;

  Restoration(Service service, Identity identity, OwnChain chain, Vault vault, InstantSource clock) {
    this.service = service;
    this.identity = identity;
    this.chain = chain;
    this.devices = new DeviceDesk(service, identity, chain, new BackupDesk(service, vault), clock);
  }

  /// What stands against it.
  Optional<AccountProblem> by(BackupDesk.Found found, Optional<String> newPassword) {
    if (chain.isKnown()) {
      chain.look(service, identity.keys());
      return by(found, new ShownChain(chain.records(), Optional.of(chain.chain())), newPassword);
    }
    return switch (ShownChain.of(service, service.owner())) {
      case Reading.Unreadable<ShownChain>(Fault fault) -> Optional.of(new AccountProblem.Mistrusted(fault));
      case Reading.Read<ShownChain>(ShownChain shown) -> by(found, shown, newPassword);
    };
  }

  private Optional<AccountProblem> by(BackupDesk.Found found, ShownChain shown, Optional<String> newPassword) {
    return switch (Root.of(found, shown.records())) {
      case Reading.Unreadable<Root>(Fault fault) -> Optional.of(new AccountProblem.Mistrusted(fault));
      case Reading.Read<Root>(Root root) -> {
        identity.learn(root.generations());
        Map<String, Optional<ByteString>> changes = new HashMap<>(Place.ownedBy(service.owner()));
        newPassword
            .map(password -> root.draft(service.owner(), shown.newest(), identity.keys().generations(), password))
            .ifPresent(draft -> changes.putAll(Place.drafted(draft, identity.keys().state())));
        chain.trust(shown, changes);
        yield chain.has(identity.keys()) ? Optional.empty() : devices.tried(() -> join(root));
      }
    };
  }

  private DeviceDesk.Try join(Root root) {
    return chain.has(identity.keys())
        ? new DeviceDesk.Try.Over(Optional.empty())
        : devices.add(DeviceOffer.of(service.owner(), root.key().publicKey(), identity.keys()), root);
  }
}
