// SPDX-License-Identifier: Apache-2.0
/// Tells Redis which users are connected to this node and to which conversations it listens, and reads there which
/// nodes listen. Knows nothing of messages, and nothing waits for it longer than a moment.
@NullMarked
package io.e2relay.relay.presence;

import org.jspecify.annotations.NullMarked;
