// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import java.time.Duration;

/// Time as one thread has it: a clock that only goes forward, and tasks that run later on the same thread.
interface Ticks {

  long nanos();

  void after(Duration delay, Runnable task);
}
