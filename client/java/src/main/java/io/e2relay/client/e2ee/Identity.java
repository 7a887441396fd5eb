// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.client.LoginProof;
import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.KeyStorage;
import io.e2relay.protocol.wire.Challenge;
import io.e2relay.protocol.wire.DeviceLogin;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/// This device's keys, as they are stored, and whose account they are for.
final class Identity implements LoginProof {
  private final KeyStorage storage;
  private final InstantSource clock;
  private volatile DeviceKeys keys;
  private volatile Optional<Account> owner;

  private Identity(KeyStorage storage, InstantSource clock, DeviceKeys keys, Optional<Account> owner) {
    this.storage = storage;
    this.clock = clock;
    this.keys = keys;
    this.owner = owner;
  }

  /// A device whose keys are there and whose state is not has forgotten what it said before: it begins as another one.
  static Identity of(KeyStorage storage, Optional<Account> owner, InstantSource clock) {
    DeviceKeys stored = stored(storage);
    boolean forgetful = owner.isEmpty() && !stored.generations().isEmpty();
    Identity identity = new Identity(storage, clock, stored, owner);
    if (forgetful) {
      identity.another();
    }
    return identity;
  }

  /// What is stored, or new ones. What is there and does not open is not replaced.
  static DeviceKeys stored(KeyStorage storage) {
    return switch (storage.load()) {
      case KeyStorage.Loading.Loaded(DeviceKeys keys) -> keys;
      case KeyStorage.Loading.Empty _ -> {
        DeviceKeys fresh = DeviceKeys.generate();
        storage.save(fresh);
        yield fresh;
      }
      case KeyStorage.Loading.Refused(KeyStorage.Reason reason) ->
        throw new IllegalStateException("the device's keys do not open: " + reason);
    };
  }

  @Override
  public Optional<DeviceLogin> prove(Challenge challenge) {
    return owner.map(account -> {
      DeviceKeys signing = keys;
      var login = new io.e2relay.client.crypto.DeviceLogin(account, signing.device(), challenge.getNonce(),
          challenge.getAudience(), clock.millis());
      return DeviceLogin.newBuilder().setSignature(login.sign(signing).bytes()).setSignedMs(login.nowMs()).build();
    });
  }

  DeviceKeys keys() {
    return keys;
  }

  void belongsTo(Account account) {
    owner = Optional.of(account);
  }

  /// Connects without a proof from now on.
  void belongsToNobody() {
    owner = Optional.empty();
  }

  /// Stores more generations of the user's key.
  synchronized void learn(Map<Long, AgreementKey> generations) {
    DeviceKeys more = keys;
    for (Map.Entry<Long, AgreementKey> generation : generations.entrySet()) {
      more = more.with(generation.getKey(), generation.getValue());
    }
    if (more.generations().size() > keys.generations().size()) {
      storage.save(more);
      keys = more;
    }
  }

  /// Nothing of this device is left.
  void another() {
    become(keys.another());
  }

  synchronized void become(DeviceKeys other) {
    storage.save(other);
    keys = other;
    owner = Optional.empty();
  }
}
