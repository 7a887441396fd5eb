// SPDX-License-Identifier: Apache-2.0
/// Backups: who may have a user's sealed keys back, and how often they may be wrong about it. Knows nothing of what is
/// in a backup, of accounts, or of sockets.
@NullMarked
package io.e2relay.keyservice.backup;

import org.jspecify.annotations.NullMarked;
