// SPDX-License-Identifier: Apache-2.0
/// Conversations and users as they are kept. Knows nothing of the bus and of who asks.
@NullMarked
package io.e2relay.keyservice.conversation;

import org.jspecify.annotations.NullMarked;
