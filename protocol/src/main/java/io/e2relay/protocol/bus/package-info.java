// SPDX-License-Identifier: Apache-2.0
/// The typed event bus: the one place that touches Vert.x's. Knows nothing of what the roles decide.
@NullMarked
package io.e2relay.protocol.bus;

import org.jspecify.annotations.NullMarked;
