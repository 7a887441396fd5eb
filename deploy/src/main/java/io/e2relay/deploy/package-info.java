// SPDX-License-Identifier: Apache-2.0
/// The command line: which command was meant. Knows nothing of what the commands do.
@NullMarked
package io.e2relay.deploy;

import org.jspecify.annotations.NullMarked;
