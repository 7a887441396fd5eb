// SPDX-License-Identifier: Apache-2.0
/// Accounts: the chain of a user's records, checked without a secret. Knows nothing of conversations or sockets.
@NullMarked
package io.e2relay.keyservice.account;

import org.jspecify.annotations.NullMarked;
