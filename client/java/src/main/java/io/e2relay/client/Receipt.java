// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import java.time.Instant;

/// The service's word that a message is durable, and its place in the order.
public record Receipt(long seq, long epoch, Instant received) {
}
