// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

/// The two ways frames travel over a WebSocket.
public enum Subprotocol {
  // Protobuf in binary frames.
  PROTOBUF("e2r.v1.pb"),
  // The protobuf JSON mapping in text frames.
  JSON("e2r.v1.json");

  private final String token;

  Subprotocol(String token) {
    this.token = token;
  }

  // The name in Sec-WebSocket-Protocol.
  public String token() {
    return token;
  }
}
