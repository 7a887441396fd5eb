// SPDX-License-Identifier: Apache-2.0
/// Keys that members give each other outside an epoch's record, and how they are asked for. Knows nothing of the bus.
@NullMarked
package io.e2relay.keyservice.grant;

import org.jspecify.annotations.NullMarked;
