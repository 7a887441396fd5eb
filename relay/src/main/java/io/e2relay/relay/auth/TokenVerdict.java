// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;

/// What a token proves.
public sealed interface TokenVerdict {
  /// The host vouches for this user until the given time.
  ///
  /// @param bot whether the host says that it is a program
  record Accepted(TenantId tenant, Uid uid, String subject, long expiresMs, boolean bot) implements TokenVerdict {
  }

  /// It proves nothing; UNAVAILABLE says that nobody could tell, because the issuer's keys were never fetched.
  record Refused(ErrorCode code) implements TokenVerdict {
  }
}
