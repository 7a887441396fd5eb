// SPDX-License-Identifier: Apache-2.0
/// Typed ids. Knows nothing of frames, sockets or tables.
@NullMarked
package io.e2relay.protocol.id;

import org.jspecify.annotations.NullMarked;
