// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import com.google.protobuf.Message;

/// News that may be lost, repeated or reordered; nobody's correctness may depend on it.
public record Hint<M extends Message>(String address, Class<M> type) {
}
