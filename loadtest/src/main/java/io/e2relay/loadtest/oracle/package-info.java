// SPDX-License-Identifier: Apache-2.0
/// Joins what was sent with what everybody saw. Knows nothing of how it was sent.
@NullMarked
package io.e2relay.loadtest.oracle;

import org.jspecify.annotations.NullMarked;
