// SPDX-License-Identifier: Apache-2.0
/// The relay: WebSockets in, fan-out out. Knows nothing of tables, keys or plaintext, and keeps nothing.
@NullMarked
package io.e2relay.relay;

import org.jspecify.annotations.NullMarked;
