// SPDX-License-Identifier: Apache-2.0
/// How fast the client's cryptography is, beside the bare primitives it is made of. Knows nothing of the service.
@NullMarked
package io.e2relay.loadtest.crypto;

import org.jspecify.annotations.NullMarked;
