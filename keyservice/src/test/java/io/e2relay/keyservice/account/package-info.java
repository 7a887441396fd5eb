// SPDX-License-Identifier: Apache-2.0
/// Tests of accounts, and somebody who makes records.
@NullMarked
package io.e2relay.keyservice.account;

import org.jspecify.annotations.NullMarked;
