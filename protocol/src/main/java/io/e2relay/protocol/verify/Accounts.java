// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import java.util.Optional;

/// The AccountRecords whose chains were verified, as far as whoever asks knows them.
public interface Accounts {
  /// The user's record of that number.
  Optional<AccountRecord> record(Uid uid, long seq);

  /// The user's newest record.
  Optional<AccountRecord> newest(Uid uid);
}
