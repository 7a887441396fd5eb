// SPDX-License-Identifier: Apache-2.0
/// The key service and the store as the relay sees them, in memory. Knows nothing of the relay.
@NullMarked
package io.e2relay.relay.world;

import org.jspecify.annotations.NullMarked;
