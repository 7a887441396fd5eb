// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import io.e2relay.protocol.wire.ClientFrame;

/// What must hold of a frame's fields before anybody looks at it.
final class FrameRules {
  private FrameRules() {
  }

  static Decoded check(ClientFrame frame) {
    return new Decoded.Valid(frame);
  }
}
