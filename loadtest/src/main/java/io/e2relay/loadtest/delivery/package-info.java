// SPDX-License-Identifier: Apache-2.0
/// What a delivery, an append, a connection costs the service, beside bare servers in the same run.
@NullMarked
package io.e2relay.loadtest.delivery;

import org.jspecify.annotations.NullMarked;
