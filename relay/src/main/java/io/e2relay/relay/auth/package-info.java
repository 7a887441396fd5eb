// SPDX-License-Identifier: Apache-2.0
/// Whose token this is, and whether the host's issuer signed it. Knows nothing of sockets, frames or sessions.
@NullMarked
package io.e2relay.relay.auth;

import org.jspecify.annotations.NullMarked;
