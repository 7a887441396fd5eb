// SPDX-License-Identifier: Apache-2.0
/// Plain HTTP on the public port: the reference page and a few routes. Knows nothing of sessions or messages.
@NullMarked
package io.e2relay.relay.http;

import org.jspecify.annotations.NullMarked;
