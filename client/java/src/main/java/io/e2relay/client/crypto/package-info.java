// SPDX-License-Identifier: Apache-2.0
/// The cryptography of `e2r/1` in the clients: keys, sealing, wrapping, files, backups. Knows no socket and no server.
@NullMarked
package io.e2relay.client.crypto;

import org.jspecify.annotations.NullMarked;
