// SPDX-License-Identifier: Apache-2.0
/// What can be said about records of `e2r/1` without a secret: signatures, chains, commitments. Knows nothing that
/// decrypts, and no I/O.
@NullMarked
package io.e2relay.protocol.verify;

import org.jspecify.annotations.NullMarked;
