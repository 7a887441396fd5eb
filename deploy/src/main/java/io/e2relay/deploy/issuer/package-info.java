// SPDX-License-Identifier: Apache-2.0
/// The development token issuer: signs a token for any name that asks. Knows nothing of who checks them; only `up` may
/// use it.
@NullMarked
package io.e2relay.deploy.issuer;

import org.jspecify.annotations.NullMarked;
