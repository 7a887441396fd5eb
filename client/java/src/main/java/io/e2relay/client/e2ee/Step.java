// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.protocol.id.ConversationId;
import java.util.Optional;

/// What reading one entry of a log has come to: where the reader is now, whose message it was, what could not be read
/// (yet), and what goes to the application. It is remembered when the application is done with it.
record Step(ConversationId conversation, Bookmark bookmark, Optional<Heard> heard, Optional<Range> missed,
    Optional<EncryptedMessage> message) {
}
