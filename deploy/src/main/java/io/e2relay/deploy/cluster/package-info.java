// SPDX-License-Identifier: Apache-2.0
/// How nodes find each other and open the bus between them. Knows nothing of what they say there.
@NullMarked
package io.e2relay.deploy.cluster;

import org.jspecify.annotations.NullMarked;
