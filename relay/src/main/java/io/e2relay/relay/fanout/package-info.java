// SPDX-License-Identifier: Apache-2.0
/// Who gets which entry of the log, live or from the log. Knows nothing of WebSockets, requests or tokens.
@NullMarked
package io.e2relay.relay.fanout;

import org.jspecify.annotations.NullMarked;
