// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

/// By what somebody is known to be who they say: the host's token alone, or a device of their account too, which has
/// signed this connection's login. Whoever has stolen a token has no such device.
public enum Proof {
  TOKEN, DEVICE;

  /// As a relay says of a connection.
  public static Proof of(boolean deviceProven) {
    return deviceProven ? DEVICE : TOKEN;
  }
}
