// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

/// Places of a log, both ends included.
record Range(long from, long to) {
}
