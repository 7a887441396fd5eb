// SPDX-License-Identifier: Apache-2.0
/// Work for those who hold a conversation's key: who waits for what, who has taken it, who is asked next. Knows nothing
/// of the bus.
@NullMarked
package io.e2relay.keyservice.jobs;

import org.jspecify.annotations.NullMarked;
