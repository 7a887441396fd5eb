// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.fuzz;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.epoch.Objection;
import io.e2relay.protocol.record.Fault;
import java.util.List;

/// What a path says to a request.
sealed interface Answer {
  /// @param stored the records, as they would be stored
  record Taken(List<ByteString> stored) implements Answer {
  }

  record Refused(String code) implements Answer {
  }

  static Answer refused(Objection why) {
    Fault fault = why.fault();
    return new Refused(fault == null ? why.code().name() : fault.name());
  }

  static Answer refused(Fault fault) {
    return refused(Objection.of(fault));
  }
}
