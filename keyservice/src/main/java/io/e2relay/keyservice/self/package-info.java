// SPDX-License-Identifier: Apache-2.0
/// What a user's devices tell each other by way of the service. Knows nothing of what that is, or of sockets.
@NullMarked
package io.e2relay.keyservice.self;

import org.jspecify.annotations.NullMarked;
