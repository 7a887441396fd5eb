// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Hash;

/// The newest message of a device in a conversation: at which place of the log, its number, and its name.
record Heard(Uid uid, DeviceId device, long at, long seq, Hash hash) {
}
