// SPDX-License-Identifier: Apache-2.0
/// Tests of epochs, and those who make their records.
@NullMarked
package io.e2relay.keyservice.epoch;

import org.jspecify.annotations.NullMarked;
