// SPDX-License-Identifier: Apache-2.0
/// The commands, one class each. Knows nothing of how their parts work inside.
@NullMarked
package io.e2relay.deploy.command;

import org.jspecify.annotations.NullMarked;
