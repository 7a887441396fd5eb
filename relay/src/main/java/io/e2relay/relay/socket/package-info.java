// SPDX-License-Identifier: Apache-2.0
/// The edge: WebSockets, their bytes, their time and their backpressure. Knows nothing of what a request means.
@NullMarked
package io.e2relay.relay.socket;

import org.jspecify.annotations.NullMarked;
