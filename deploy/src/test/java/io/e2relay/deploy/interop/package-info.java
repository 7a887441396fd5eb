// SPDX-License-Identifier: Apache-2.0
/// What the Java and the TypeScript client make for each other. Knows their published sides, and no service.
@NullMarked
package io.e2relay.deploy.interop;

import org.jspecify.annotations.NullMarked;
