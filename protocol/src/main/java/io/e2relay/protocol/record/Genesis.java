// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import java.util.function.Supplier;

/// The beginning of a conversation, whose hash is its id: no server can make its rules laxer.
public record Genesis(GenesisStatement statement, Signature signature) {
  public static final int BYTES = 235;

  public static Reading<Genesis> read(ByteString bytes) {
    RecordReader in = new RecordReader(bytes);
    Supplier<GenesisStatement> statement = GenesisStatement.read(in);
    Signature signature = in.signature();
    return in.end(() -> new Genesis(statement.get(), signature));
  }

  public ByteString bytes() {
    return statement.tbs().concat(signature.bytes());
  }
}
