// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.jobs;

/// Whose a job is, and until when by the database's clock. It keeps others from doing the same work; it forbids
/// nothing.
record Lease(Holder holder, long untilMs) {
}
