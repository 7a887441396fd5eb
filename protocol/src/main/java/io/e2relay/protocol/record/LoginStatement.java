// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import java.nio.charset.StandardCharsets;

/// What a device signs when it connects.
///
/// @param nonce the service's, of this connection
/// @param audience whom the login is for; at most 255 bytes
public record LoginStatement(TenantId tenant, Uid uid, DeviceId device, ByteString nonce, String audience,
    long signedMs) {
  public static final int NONCE_BYTES = 32;
  public static final int AUDIENCE_BYTES_MAX = 255;
  private static final int SIZE_HINT = 128;

  public LoginStatement {
    RecordWriter.require(nonce.size() == NONCE_BYTES, Fault.WRONG_LENGTH);
    RecordWriter.require(audience.getBytes(StandardCharsets.UTF_8).length <= AUDIENCE_BYTES_MAX, Fault.WRONG_LENGTH);
    RecordWriter.requireU64(signedMs, 0);
  }

  public ByteString tbs() {
    ByteString named = ByteString.copyFromUtf8(audience);
    return new RecordWriter(SIZE_HINT).bytes(tenant.bytes()).bytes(uid.bytes()).bytes(device.bytes()).bytes(nonce)
        .u8(named.size()).bytes(named).u64(signedMs).written();
  }
}
