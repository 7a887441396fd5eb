// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import java.util.function.Supplier;

/// A wrap's paper: who gives the key of which epoch to whom.
public record Grant(GrantStatement statement, Signature signature) {
  public static final int BYTES = 242;

  public static Reading<Grant> read(ByteString bytes) {
    RecordReader in = new RecordReader(bytes);
    Supplier<GrantStatement> statement = GrantStatement.read(in);
    Signature signature = in.signature();
    return in.end(() -> new Grant(statement.get(), signature));
  }

  public ByteString bytes() {
    return statement.tbs().concat(signature.bytes());
  }
}
