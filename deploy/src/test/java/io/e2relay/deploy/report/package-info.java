// SPDX-License-Identifier: Apache-2.0
/// Sums what the tests reported. Knows nothing of what they test, and uses nothing but the JDK.
@NullMarked
package io.e2relay.deploy.report;

import org.jspecify.annotations.NullMarked;
