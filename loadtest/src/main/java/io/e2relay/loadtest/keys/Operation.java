// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.keys;

import java.util.List;

/// Something that is asked of the service, again and again.
interface Operation {
  String name();

  /// Makes all that clients make, and puts the service into the state before; none of it is measured.
  Batch prepare();

  /// So many operations that are ready to be asked for.
  ///
  /// @param verifications every signature that they make the service verify
  record Batch(int operations, Runnable work, List<Verification> verifications) {
  }
}
