// SPDX-License-Identifier: Apache-2.0
/// The whole service from outside: real processes, sockets, databases and browsers. Knows nothing of its inside.
@NullMarked
package io.e2relay.deploy.endtoend;

import org.jspecify.annotations.NullMarked;
