// SPDX-License-Identifier: Apache-2.0
/// Bytes to checked client frames, and server frames to bytes. Knows nothing of sessions.
@NullMarked
package io.e2relay.protocol.frame;

import org.jspecify.annotations.NullMarked;
