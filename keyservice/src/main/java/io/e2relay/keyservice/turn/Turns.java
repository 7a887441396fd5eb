// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.turn;

import io.e2relay.keyservice.database.Unavailable;

/// The work that users' turned keys have left to do; any number of workers may share it.
public interface Turns {
  /// Does one step, for the user whose turn it is; waits for its answer and throws [Unavailable] when there is none in
  /// time. After a failure the next step is likely another user's.
  Turn next();
}
