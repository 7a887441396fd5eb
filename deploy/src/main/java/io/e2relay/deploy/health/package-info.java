// SPDX-License-Identifier: Apache-2.0
/// What the node says of itself on its internal port: health and metrics. Knows nothing of messages and members.
@NullMarked
package io.e2relay.deploy.health;

import org.jspecify.annotations.NullMarked;
