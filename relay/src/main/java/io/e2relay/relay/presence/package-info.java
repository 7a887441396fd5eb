// SPDX-License-Identifier: Apache-2.0
/// Tells Redis which users are connected to this node. Knows nothing of messages, and nothing waits for it.
@NullMarked
package io.e2relay.relay.presence;

import org.jspecify.annotations.NullMarked;
