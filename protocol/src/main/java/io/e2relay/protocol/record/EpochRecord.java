// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import java.util.function.Supplier;

/// A link of a conversation's chain of rosters and keys.
public record EpochRecord(EpochStatement statement, Signature signature) {
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
