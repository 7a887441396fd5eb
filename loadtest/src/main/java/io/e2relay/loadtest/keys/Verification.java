// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.keys;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.Signatures;

/// One signature that an operation makes the service verify, to be verified by itself, with the service's own code.
record Verification(Point key, String name, ByteString bytes, Signature signature) {
  void verify() {
    if (!Signatures.verify(key, name, bytes, signature)) {
      throw new IllegalStateException("a signature does not verify");
    }
  }
}
