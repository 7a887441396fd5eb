// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;

/// Who brings a record: it has to be signed by this very device.
public record Author(TenantId tenant, Uid uid, DeviceId device) {
}
