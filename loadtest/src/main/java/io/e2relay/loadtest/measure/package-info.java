// SPDX-License-Identifier: Apache-2.0
/// What all measurements share: processes, what they spend, and how figures are told.
@NullMarked
package io.e2relay.loadtest.measure;

import org.jspecify.annotations.NullMarked;
