// SPDX-License-Identifier: Apache-2.0
/// Whatever happens at once to encrypted conversations: seeded schedules, and a ledger that reads the tables
/// afterwards.
@NullMarked
package io.e2relay.deploy.race;

import org.jspecify.annotations.NullMarked;
