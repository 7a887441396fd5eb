// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.EpochRecord;
import java.util.List;

/// The record of an epoch with the epoch's key.
///
/// @param wraps the key for each active member of the roster, in its order
public record Sealed(EpochRecord record, List<ByteString> wraps) {
  public Sealed {
    wraps = List.copyOf(wraps);
  }

  @Override
  public String toString() {
    return "Sealed[" + record.statement().epoch() + ", " + wraps.size() + " wraps]";
  }
}
