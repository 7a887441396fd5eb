// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.Point;

/// Whether a key that somebody shows is the one of a message that somebody sent. It shows that message to whoever has
/// the key, and nothing else; nothing here opens it.
public final class DisclosureCheck {
  private DisclosureCheck() {
  }

  public static Verdict verify(Envelope envelope, Hash epochHash, ByteString messageKey, Point dsk) {
    return new Finding()
        .require(() -> Signatures.verify(dsk, "msg", envelope.tbs(epochHash), envelope.signature()),
            Fault.BAD_SIGNATURE)
        .require(() -> envelope.sealed() && Hmac.equal(commitment(messageKey), envelope.commitment().bytes()),
            Fault.BAD_COMMITMENT)
        .verdict();
  }

  /// The first block of what is derived: the key and the nonce would be in the next ones.
  private static ByteString commitment(ByteString messageKey) {
    return Hkdf.derive(messageKey, ByteString.EMPTY, Labels.of(Labels.AEAD), Hash.BYTES);
  }
}
