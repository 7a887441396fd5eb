// SPDX-License-Identifier: Apache-2.0
/// The key service as others meet it on the bus. Knows nothing of relays.
@NullMarked
package io.e2relay.keyservice;

import org.jspecify.annotations.NullMarked;
