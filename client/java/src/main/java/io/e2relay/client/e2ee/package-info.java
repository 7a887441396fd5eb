// SPDX-License-Identifier: Apache-2.0
/// An account and its encrypted conversations, for applications. Decides nothing about bytes: `client.crypto` does.
@NullMarked
package io.e2relay.client.e2ee;

import org.jspecify.annotations.NullMarked;
