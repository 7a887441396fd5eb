// SPDX-License-Identifier: Apache-2.0
/// The composition root: which parts there are, in which order they start and stop. Knows nothing of what they decide.
@NullMarked
package io.e2relay.deploy.node;

import org.jspecify.annotations.NullMarked;
