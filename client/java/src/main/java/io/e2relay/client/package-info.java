// SPDX-License-Identifier: Apache-2.0
/// The Java SDK: what an application needs to take part in conversations. Knows nothing of the server's modules.
@NullMarked
package io.e2relay.client;

import org.jspecify.annotations.NullMarked;
