// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import io.e2relay.protocol.id.DeviceId;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a device keeps for as long as it is one: who it is, its two keys, and the generations of the user's key.
public final class DeviceKeys {
  private final DeviceId device;
  private final SigningKey signing;
  private final AgreementKey agreement;
  private final SortedMap<Long, AgreementKey> generations;

  private DeviceKeys(DeviceId device, SigningKey signing, AgreementKey agreement,
      SortedMap<Long, AgreementKey> generations) {
    this.device = device;
    this.signing = signing;
    this.agreement = agreement;
    this.generations = Collections.unmodifiableSortedMap(new TreeMap<>(generations));
  }

  /// A new device's.
  public static DeviceKeys generate() {
    return new DeviceKeys(new DeviceId(Randomness.SECURE.bytes(DeviceId.BYTES)), SigningKey.generate(),
        AgreementKey.generate(), new TreeMap<>());
  }

  static DeviceKeys of(DeviceId device, SigningKey signing, AgreementKey agreement,
      SortedMap<Long, AgreementKey> generations) {
    return new DeviceKeys(device, signing, agreement, generations);
  }

  public DeviceId device() {
    return device;
  }

  /// The DSK.
  public SigningKey signing() {
    return signing;
  }

  /// The DEK.
  public AgreementKey agreement() {
    return agreement;
  }

  /// The AEK by its generation.
  public SortedMap<Long, AgreementKey> generations() {
    return generations;
  }

  /// The same with one more generation. A generation that is there keeps its key: another one is refused.
  public DeviceKeys with(long generation, AgreementKey key) {
    SortedMap<Long, AgreementKey> more = new TreeMap<>(generations);
    AgreementKey known = more.putIfAbsent(generation, key);
    if (known != null && !known.publicKey().equals(key.publicKey())) {
      throw new IllegalArgumentException("generation " + generation + " has another key");
    }
    return new DeviceKeys(device, signing, agreement, more);
  }

  @Override
  public String toString() {
    return "DeviceKeys[" + device + "]";
  }
}
