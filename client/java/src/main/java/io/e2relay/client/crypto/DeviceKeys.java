// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import io.e2relay.protocol.id.DeviceId;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a device keeps for as long as it is one: who it is, its two keys, the generations of the user's key, and the
/// key of everything else that it keeps.
public final class DeviceKeys {
  private final DeviceId device;
  private final SigningKey signing;
  private final AgreementKey agreement;
  private final SortedMap<Long, AgreementKey> generations;
  private final StateKey state;

  private DeviceKeys(DeviceId device, SigningKey signing, AgreementKey agreement,
      SortedMap<Long, AgreementKey> generations, StateKey state) {
    this.device = device;
    this.signing = signing;
    this.agreement = agreement;
    this.generations = Collections.unmodifiableSortedMap(new TreeMap<>(generations));
    this.state = state;
  }

  /// A new device's.
  public static DeviceKeys generate() {
    return generate(StateKey.generate());
  }

  private static DeviceKeys generate(StateKey state) {
    return new DeviceKeys(new DeviceId(Randomness.SECURE.bytes(DeviceId.BYTES)), SigningKey.generate(),
        AgreementKey.generate(), new TreeMap<>(), state);
  }

  static DeviceKeys of(DeviceId device, SigningKey signing, AgreementKey agreement,
      SortedMap<Long, AgreementKey> generations, StateKey state) {
    return new DeviceKeys(device, signing, agreement, generations, state);
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

  /// What seals the device's own files.
  public StateKey state() {
    return state;
  }

  /// A new device in the same place: nothing of this one is left but the key of its files.
  public DeviceKeys another() {
    return generate(state);
  }

  /// The same with one more generation. A generation that is there keeps its key: another one is refused.
  public DeviceKeys with(long generation, AgreementKey key) {
    SortedMap<Long, AgreementKey> more = new TreeMap<>(generations);
    AgreementKey known = more.putIfAbsent(generation, key);
    if (known != null && !known.publicKey().equals(key.publicKey())) {
      throw new IllegalArgumentException("generation " + generation + " has another key");
    }
    return new DeviceKeys(device, signing, agreement, more, state);
  }

  @Override
  public String toString() {
    return "DeviceKeys[" + device + "]";
  }
}
