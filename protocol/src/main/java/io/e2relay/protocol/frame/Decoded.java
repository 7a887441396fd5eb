// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.ClientFrame;

/// What the codec made of some bytes.
public sealed interface Decoded {
  /// A whole request: every id has its length, every list and text is within its limit.
  record Valid(ClientFrame frame) implements Decoded {
  }

  /// Not a request. The id is that of the frame where one could be read, else 0; the detail is for developers and
  /// repeats nothing that was sent.
  record Malformed(long id, ErrorCode code, String detail) implements Decoded {
  }
}
