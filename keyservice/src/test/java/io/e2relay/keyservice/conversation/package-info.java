// SPDX-License-Identifier: Apache-2.0
/// What is kept, against real PostgreSQL and the fake alike. Knows nothing of the bus.
@NullMarked
package io.e2relay.keyservice.conversation;

import org.jspecify.annotations.NullMarked;
