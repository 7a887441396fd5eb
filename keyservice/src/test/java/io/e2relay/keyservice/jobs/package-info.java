// SPDX-License-Identifier: Apache-2.0
/// Tests of the work for those who hold a conversation's key.
@NullMarked
package io.e2relay.keyservice.jobs;

import org.jspecify.annotations.NullMarked;
