// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

/// Judges the token that a client presents; never blocks and never throws.
public interface TokenCheck {
  TokenVerdict check(String token);

  /// Whom the tokens are for; what devices sign names it too.
  String audience();
}
