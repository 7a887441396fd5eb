// SPDX-License-Identifier: Apache-2.0
/// The ordered log of ciphertext: takes a place for every message, keeps it, gives it back. Knows nothing of members,
/// rosters or sockets: who may append or read is decided by those who ask.
@NullMarked
package io.e2relay.store;

import org.jspecify.annotations.NullMarked;
