// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import org.jspecify.annotations.Nullable;

/// The issuer's keys, as the check needs them.
interface Keys {
  /// The key of that id; without one, the only key there is.
  Lookup find(@Nullable String kid);

  /// What was found.
  sealed interface Lookup {
    record Found(VerifyKey key) implements Lookup {
    }

    record Unknown() implements Lookup {
    }

    /// There are no keys that may be used: none came yet, or the last came too long ago.
    record NotLoaded() implements Lookup {
    }
  }
}
