// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.record.LoginStatement;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.Signatures;

/// What a device signs to connect: the service's nonce, for this service and this moment. Its name keeps it apart from
/// everything else that the device signs, so that no nonce can be a message in disguise.
public record DeviceLogin(Account account, DeviceId device, ByteString nonce, String audience, long nowMs) {
  public static final int NONCE_BYTES = LoginStatement.NONCE_BYTES;
  private static final String NAME = "auth";

  public DeviceLogin {
    // Refuses what no service takes.
    new LoginStatement(account.tenant(), account.uid(), device, nonce, audience, nowMs).tbs();
  }

  public ByteString tbs() {
    return new LoginStatement(account.tenant(), account.uid(), device, nonce, audience, nowMs).tbs();
  }

  public Signature sign(DeviceKeys keys) {
    return keys.signing().sign(NAME, tbs());
  }

  public boolean isSignedBy(Point dsk, Signature signature) {
    return Signatures.verify(dsk, NAME, tbs(), signature);
  }
}
