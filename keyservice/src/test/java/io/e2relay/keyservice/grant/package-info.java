// SPDX-License-Identifier: Apache-2.0
/// Tests of keys given outside an epoch's record.
@NullMarked
package io.e2relay.keyservice.grant;

import org.jspecify.annotations.NullMarked;
