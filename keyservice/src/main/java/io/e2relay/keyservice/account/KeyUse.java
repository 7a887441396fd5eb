// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Point;
import java.util.ArrayList;
import java.util.List;

/// A public key and the one thing it is for.
///
/// @param device whose it is; empty for the keys of the account itself
record KeyUse(Point key, Purpose purpose, ByteString device) {
  /// The numbers are in the database.
  enum Purpose {
    ACCOUNT(1), USER(2), SIGNING(3), OPENING(4);

    private final int number;

    Purpose(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }
  }

  static List<KeyUse> of(AccountStatement statement) {
    List<KeyUse> uses = new ArrayList<>(List.of(new KeyUse(statement.ark(), Purpose.ACCOUNT, ByteString.EMPTY),
        new KeyUse(statement.aek(), Purpose.USER, ByteString.EMPTY)));
    statement.devices().forEach(device -> {
      uses.add(new KeyUse(device.dsk(), Purpose.SIGNING, device.id().bytes()));
      uses.add(new KeyUse(device.dek(), Purpose.OPENING, device.id().bytes()));
    });
    return uses;
  }
}
