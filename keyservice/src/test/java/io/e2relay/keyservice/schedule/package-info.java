// SPDX-License-Identifier: Apache-2.0
/// The rules of the key service under whatever happens at once: seeded schedules of transactions over tables in memory,
/// and a ledger that reads the tables afterwards. Knows nothing of PostgreSQL.
@NullMarked
package io.e2relay.keyservice.schedule;

import org.jspecify.annotations.NullMarked;
