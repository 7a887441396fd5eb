// SPDX-License-Identifier: Apache-2.0
/// The service's operator as an attacker: a server between the SDK and the real one that edits what both say. Knows
/// nothing of the inside of either.
@NullMarked
package io.e2relay.deploy.attack;

import org.jspecify.annotations.NullMarked;
