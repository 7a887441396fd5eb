// SPDX-License-Identifier: Apache-2.0
/// The rules as tables. Knows nothing of databases.
@NullMarked
package io.e2relay.keyservice.membership;

import org.jspecify.annotations.NullMarked;
