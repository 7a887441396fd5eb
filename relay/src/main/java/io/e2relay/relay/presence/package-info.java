// SPDX-License-Identifier: Apache-2.0
/// Who is connected where. Knows nothing of messages, and no message waits for it.
@NullMarked
package io.e2relay.relay.presence;

import org.jspecify.annotations.NullMarked;
