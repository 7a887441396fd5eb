// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import java.util.function.Supplier;

/// A link of a conversation's chain of rosters and keys.
public record EpochRecord(EpochStatement statement, Signature signature) {
  /// With a link to the epoch before and a roster of 1,000.
  public static final int BYTES_MAX = 62_332;
  /// The wrap of an epoch's key for one member.
  public static final int WRAP_BYTES = 113;

  public static Reading<EpochRecord> read(ByteString bytes) {
    RecordReader in = new RecordReader(bytes);
    Supplier<EpochStatement> statement = EpochStatement.read(in);
    Signature signature = in.signature();
    return in.end(() -> new EpochRecord(statement.get(), signature));
  }

  public ByteString bytes() {
    return statement.tbs().concat(signature.bytes());
  }

  public Hash hash() {
    return statement.hash();
  }
}
