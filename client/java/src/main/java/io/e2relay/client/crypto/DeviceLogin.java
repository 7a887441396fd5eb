// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.Signatures;
import java.nio.charset.StandardCharsets;

/// What a device signs to connect: the service's nonce, for this service and this moment. Its name keeps it apart from
/// everything else that the device signs, so that no nonce can be a message in disguise.
public record DeviceLogin(Account account, DeviceId device, ByteString nonce, String audience, long nowMs) {
  public static final int NONCE_BYTES = 32;
  private static final int AUDIENCE_BYTES_MAX = 255;
  private static final String NAME = "auth";

  public DeviceLogin {
    if (nonce.size() != NONCE_BYTES || audience.getBytes(StandardCharsets.UTF_8).length > AUDIENCE_BYTES_MAX) {
      throw new IllegalArgumentException(Fault.WRONG_LENGTH.name());
    }
  }

  public ByteString tbs() {
    ByteString name = ByteString.copyFromUtf8(audience);
    return new Joined().bytes(account.bytes()).bytes(device.bytes()).bytes(nonce).u8(name.size()).bytes(name).u64(nowMs)
        .toByteString();
  }

  public Signature sign(DeviceKeys keys) {
    return keys.signing().sign(NAME, tbs());
  }

  public boolean isSignedBy(Point dsk, Signature signature) {
    return Signatures.verify(dsk, NAME, tbs(), signature);
  }
}
