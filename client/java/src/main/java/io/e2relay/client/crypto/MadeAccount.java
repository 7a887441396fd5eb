// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.verify.AccountChain;
import java.util.Map;

/// An AccountRecord that was just made, verified like anybody else's, and the user's key for each of its devices.
public record MadeAccount(AccountChain chain, Map<DeviceId, ByteString> wraps) {
  public MadeAccount {
    wraps = Map.copyOf(wraps);
  }

  public AccountRecord record() {
    return chain.last();
  }

  /// The wrap that is theirs.
  public ByteString wrapFor(DeviceId device) {
    return requireNonNull(wraps.get(device), "nothing is wrapped for them");
  }
}
