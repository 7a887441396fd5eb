// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.id.Epoch;

/// Where and when a message was stored.
record Place(long seq, Epoch epoch, long receivedMs) {
}
