// SPDX-License-Identifier: Apache-2.0
/// What Gatling plays: many devices that chat with a running service. Knows the service only by its frames.
@NullMarked
package io.e2relay.loadtest.simulation;

import org.jspecify.annotations.NullMarked;
