// SPDX-License-Identifier: Apache-2.0
/// The rules of who is in a conversation and what they may read. Knows nothing of tables, the bus or time.
@NullMarked
package io.e2relay.keyservice.membership;

import org.jspecify.annotations.NullMarked;
