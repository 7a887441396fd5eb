// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.jobs;

import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Uid;

/// Somebody who holds a conversation's key, on one device: two devices of a user are two who may do a job.
public record Holder(Uid uid, DeviceId device) {
}
