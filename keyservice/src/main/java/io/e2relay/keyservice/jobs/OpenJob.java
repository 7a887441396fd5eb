// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.jobs;

import org.jspecify.annotations.Nullable;

/// A job that somebody could do who asks for work, with what the rules need to know of it.
///
/// @param taken how often somebody took it
/// @param lease of who took it last; null before
record OpenJob(WrapJob job, int taken, @Nullable Lease lease) {
}
