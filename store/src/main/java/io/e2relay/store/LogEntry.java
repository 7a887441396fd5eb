// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.Uid;

/// An entry as it lies in the log.
record LogEntry(Place place, Content content) {

  sealed interface Content {
  }

  record Said(Uid uid, DeviceId device, MsgId message, ByteString body) implements Content {
    @Override
    public String toString() {
      return "Said[" + body.size() + " bytes]";
    }
  }

  /// A serialised change of members.
  record Changed(ByteString control) implements Content {
    @Override
    public String toString() {
      return "Changed[" + control.size() + " bytes]";
    }
  }

  /// Expired or erased.
  record Removed() implements Content {
  }
}
