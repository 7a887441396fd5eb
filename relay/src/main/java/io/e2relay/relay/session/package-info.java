// SPDX-License-Identifier: Apache-2.0
/// The rules of one connection: frames in, effects out. Knows nothing of sockets, clocks, threads or the bus.
@NullMarked
package io.e2relay.relay.session;

import org.jspecify.annotations.NullMarked;
