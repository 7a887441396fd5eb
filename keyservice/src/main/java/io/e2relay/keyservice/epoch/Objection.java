// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Why a record is not taken, with what its maker needs to make a better one.
///
/// @param fault of the record; only with RECORD_REFUSED
/// @param current the epoch now; only with EPOCH_MOVED
/// @param uids of whom the record says something else than is there
public record Objection(ErrorCode code, @Nullable Fault fault, @Nullable Epoch current, List<Uid> uids) {
  public Objection {
    uids = List.copyOf(uids);
  }

  public static Objection of(ErrorCode code) {
    return new Objection(code, null, null, List.of());
  }

  public static Objection of(ErrorCode code, List<Uid> uids) {
    return new Objection(code, null, null, uids);
  }

  public static Objection of(Fault fault) {
    return new Objection(ErrorCode.RECORD_REFUSED, fault, null, List.of());
  }

  static Objection moved(Epoch current) {
    return new Objection(ErrorCode.EPOCH_MOVED, null, current, List.of());
  }
}
