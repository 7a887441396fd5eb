// SPDX-License-Identifier: Apache-2.0
/// Configured values with their bounds. Knows nothing of what they configure.
@NullMarked
package io.e2relay.protocol.config;

import org.jspecify.annotations.NullMarked;
