// SPDX-License-Identifier: Apache-2.0
/// What follows when a user's keys turned: the epochs that are for the old key close. Knows nothing of records, of what
/// opens the next epoch, or of sockets.
@NullMarked
package io.e2relay.keyservice.turn;

import org.jspecify.annotations.NullMarked;
