// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Signature;

/// A device that wants to belong to an account, with the proof that it has its key. After a reset the account has
/// another root, and needs another offer.
public record DeviceOffer(DeviceId device, Point dsk, Point dek, Signature possession) {
  public static DeviceOffer of(Account account, Point root, DeviceKeys keys) {
    return of(Randomness.SECURE, account, root, keys);
  }

  static DeviceOffer of(Randomness randomness, Account account, Point root, DeviceKeys keys) {
    var signed = account.bytes().concat(root.bytes()).concat(keys.device().bytes())
        .concat(keys.signing().publicKey().bytes()).concat(keys.agreement().publicKey().bytes());
    return new DeviceOffer(keys.device(), keys.signing().publicKey(), keys.agreement().publicKey(),
        keys.signing().sign(randomness, "dev-pop", signed));
  }

  Device entry(long seq, long nowMs) {
    return new Device(device, dsk, dek, seq, nowMs);
  }
}
