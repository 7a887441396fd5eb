// SPDX-License-Identifier: Apache-2.0
/// How log lines look and which there are. Knows nothing of what they say.
@NullMarked
package io.e2relay.deploy.log;

import org.jspecify.annotations.NullMarked;
