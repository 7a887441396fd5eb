// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;

/// What the key log says of an AccountRecord: a user finds every record that was ever shown in their name, and whoever
/// else reads the log learns no names.
public final class KeyLogLeaf {
  public static final int BYTES = 73;
  private static final int TYPE = 1;

  private KeyLogLeaf() {
  }

  public static ByteString of(TenantId tenant, Uid uid, long seq, Hash record) {
    Hash label = Hash.labelled(Labels.KEY_LOG, tenant.bytes().concat(uid.bytes()));
    return new RecordWriter(BYTES).u8(TYPE).bytes(label.bytes()).u64(seq).bytes(record.bytes()).written();
  }
}
