// SPDX-License-Identifier: Apache-2.0
/// The catalogues of refusals and close codes. Knows nothing of who refuses.
@NullMarked
package io.e2relay.protocol.error;

import org.jspecify.annotations.NullMarked;
