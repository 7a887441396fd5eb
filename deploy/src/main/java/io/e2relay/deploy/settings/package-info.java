// SPDX-License-Identifier: Apache-2.0
/// Where configured values come from, and all config records read at once. Knows nothing of what they start.
@NullMarked
package io.e2relay.deploy.settings;

import org.jspecify.annotations.NullMarked;
