// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.verify.Points;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What can be told of wraps without opening them: one for each active member, and each begins with a key that can have
/// been used to make it.
public final class WrapRule {
  private static final byte UNCOMPRESSED = 4;

  private WrapRule() {
  }

  /// What is wrong with the wraps of a roster, or with the roster, which has to have somebody to wrap for.
  static @Nullable Fault fault(Sealed epoch) {
    long active = epoch.record().statement().roster().stream().filter(RosterEntry::active).count();
    List<ByteString> wraps = epoch.wraps();
    if (active == 0) {
      return Fault.RULE_BROKEN;
    }
    return wraps.size() == active ? fault(wraps) : Fault.WRONG_LENGTH;
  }

  /// What is wrong with any of these.
  public static @Nullable Fault fault(List<ByteString> wraps) {
    if (wraps.stream().anyMatch(wrap -> wrap.size() != EpochRecord.WRAP_BYTES)) {
      return Fault.WRONG_LENGTH;
    }
    if (wraps.stream().anyMatch(wrap -> wrap.byteAt(0) != UNCOMPRESSED)) {
      return Fault.MALFORMED_POINT;
    }
    return wraps.stream().allMatch(wrap -> Points.isOnCurve(new Point(wrap.substring(0, Point.BYTES))))
        ? null
        : Fault.INVALID_POINT;
  }
}
