// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

/// What holds in a conversation for good, because it is part of its id.
public record Policy(HistoryPolicy history, AddPolicy add, RewrapPolicy rewrap) {
}
