// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.RefusedException;
import io.e2relay.client.crypto.AccountMaker;
import io.e2relay.client.crypto.MadeAccount;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.PutAccount;
import java.util.Map;

/// Puts the next record of an account, with its wraps in the record's order.
final class RecordDesk {
  private RecordDesk() {
  }

  /// False if the account has another record in that place.
  static boolean put(Service service, AccountMaker maker, MadeAccount made, boolean strict) {
    PutAccount.Builder put = PutAccount.newBuilder().setRecord(made.record().bytes());
    Map<DeviceId, ByteString> roots = strict ? maker.rootWraps(made.record()) : Map.of();
    for (Device device : made.record().statement().devices()) {
      put.addDeviceWraps(made.wrapFor(device.id()));
      if (strict) {
        put.addRootWraps(roots.get(device.id()));
      }
    }
    try {
      service.ask(ClientFrame.newBuilder().setPutAccount(put));
      return true;
    } catch (RefusedException e) {
      if (e.code() == ErrorCode.ACCOUNT_MOVED.number()) {
        return false;
      }
      throw e;
    }
  }
}
