// SPDX-License-Identifier: Apache-2.0
/// Tests of what follows when a user's keys turned.
@NullMarked
package io.e2relay.keyservice.turn;

import org.jspecify.annotations.NullMarked;
