// SPDX-License-Identifier: Apache-2.0
/// Connections to PostgreSQL, lent for one task and until a deadline. Knows no table.
@NullMarked
package io.e2relay.keyservice.database;

import org.jspecify.annotations.NullMarked;
