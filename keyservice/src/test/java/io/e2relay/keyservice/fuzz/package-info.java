// SPDX-License-Identifier: Apache-2.0
/// Every request that stores something, spoilt in every way: from the frame's bytes through decoding to the rules,
/// without sockets and tables.
@NullMarked
package io.e2relay.keyservice.fuzz;

import org.jspecify.annotations.NullMarked;
