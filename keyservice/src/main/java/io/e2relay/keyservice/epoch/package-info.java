// SPDX-License-Identifier: Apache-2.0
/// The epochs of encrypted conversations: who may open the next one, for whom. Knows nothing of the bus and of sockets.
@NullMarked
package io.e2relay.keyservice.epoch;

import org.jspecify.annotations.NullMarked;
