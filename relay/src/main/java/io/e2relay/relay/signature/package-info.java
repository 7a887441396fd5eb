// SPDX-License-Identifier: Apache-2.0
/// Whether devices signed what comes in their name. Knows no conversation and opens nothing.
@NullMarked
package io.e2relay.relay.signature;

import org.jspecify.annotations.NullMarked;
