// SPDX-License-Identifier: Apache-2.0
/// Real PostgreSQL and Redis as child processes, and the migrations of a database.
/// Knows nothing of what is stored there.
@NullMarked
package io.e2relay.backing;

import org.jspecify.annotations.NullMarked;
