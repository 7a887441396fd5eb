// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.verify.BackupAccess;

/// Whose backup it is.
public record Owner(TenantId tenant, Uid uid) {
  BackupAccess access(ByteString backupId) {
    return new BackupAccess(tenant, uid, backupId);
  }
}
