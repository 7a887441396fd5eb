// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

/// A part of the service that a process can play.
public enum Role {
  RELAY, KEYSERVICE, STORE;

  /// Who is asked at this address.
  static Role at(String address) {
    String first = address.substring(0, address.indexOf('.'));
    return switch (first) {
      case "relay" -> RELAY;
      case "keys" -> KEYSERVICE;
      case "store" -> STORE;
      default -> throw new IllegalArgumentException("no role is asked at " + address);
    };
  }
}
