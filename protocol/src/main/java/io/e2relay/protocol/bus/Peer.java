// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import java.util.Set;

/// A node as the list of nodes has it. Whoever starts again is somebody else, at other addresses.
///
/// @param incarnation another one each time the node starts
public record Peer(String node, long incarnation, Set<Role> roles) {
  public Peer {
    roles = Set.copyOf(roles);
  }

  boolean plays(Role role) {
    return roles.contains(role);
  }

  /// Whether it commits anything that relays want to hear of.
  boolean hasNews() {
    return plays(Role.STORE) || plays(Role.KEYSERVICE);
  }

  /// Unlike its name nobody else's, also when it starts again.
  public String id() {
    return node + "." + Long.toHexString(incarnation);
  }

  /// One of the two addresses that a node has on the bus that all share.
  String callsAddress() {
    return "node.calls." + id();
  }

  String newsAddress() {
    return "node.news." + id();
  }
}
