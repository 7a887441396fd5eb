// SPDX-License-Identifier: Apache-2.0
/// What the service spends on the keys of encrypted conversations, beside the bare verification of the same signatures.
/// Knows a running service by its front door only, and what its processes cost by the operating system's account.
@NullMarked
package io.e2relay.loadtest.keys;

import org.jspecify.annotations.NullMarked;
