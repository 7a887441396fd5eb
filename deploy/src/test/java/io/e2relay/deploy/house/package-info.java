// SPDX-License-Identifier: Apache-2.0
/// The rules of the house as tests: architecture, tidiness, and which features are done. Knows nothing of what the
/// modules decide.
@NullMarked
package io.e2relay.deploy.house;

import org.jspecify.annotations.NullMarked;
