// SPDX-License-Identifier: Apache-2.0
/// The records of `e2r/1` as exact bytes: strict readers and writers. Knows no key, no secret and no I/O.
@NullMarked
package io.e2relay.protocol.record;

import org.jspecify.annotations.NullMarked;
