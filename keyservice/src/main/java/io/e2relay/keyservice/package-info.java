// SPDX-License-Identifier: Apache-2.0
/// The key service on the bus: questions in, answers and news out. Knows nothing of sockets, messages and tables.
@NullMarked
package io.e2relay.keyservice;

import org.jspecify.annotations.NullMarked;
