// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.MsgId;

/// What makes a message the same message when it is sent again.
record MessageKey(ConversationId conversation, DeviceId device, MsgId message) {
}
