// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.Point;

/// By which a new device is recognised: it shows the code, and an old one works it out from the keys that the service
/// handed it.
public record EnrolmentCode(TenantId tenant, Uid uid, DeviceId device, Point dsk, Point dek) {
  private static final int BYTES = 20;

  /// As it is shown: 32 characters in groups of four.
  public String text() {
    return Base32.grouped(Base32.encode(code()));
  }

  /// Whether this is what somebody typed or scanned.
  public boolean matches(String typed) {
    return Base32.encode(code()).equals(Base32.normal(typed));
  }

  private ByteString code() {
    return Hash.of(Labels.of("e2r/1/enrol"), tenant.bytes(), uid.bytes(), device.bytes(), dsk.bytes(), dek.bytes())
        .bytes().substring(0, BYTES);
  }
}
