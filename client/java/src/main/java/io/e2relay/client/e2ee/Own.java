// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.client.SealedListener;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Head;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// What conversations need of the user's own account, as this device has it.
interface Own {
  TenantId tenant();

  Uid uid();

  /// This device's, with every generation of the user's key that it has.
  DeviceKeys keys();

  /// All records of the account, in order, each verified.
  List<AccountRecord> records();

  /// Asks the service; a RefusedException says why not.
  ServerFrame ask(ClientFrame.Builder request);

  /// Looks whether the account has newer records, and gets the keys that came with them.
  void refresh();

  /// Tells what comes in encrypted conversations, and everything else that comes by itself.
  void listen(SealedListener sealed, Consumer<ServerFrame> news);

  /// Marks somebody as compared, on all of the user's devices, as long as it has this root.
  void verify(Uid other, Point root);

  boolean isVerified(Uid other, Point root);

  /// How far a conversation had come on any of the user's devices; nothing before that is believed.
  Optional<Head> head(ConversationId conversation);

  /// This device has verified a conversation up to there, and tells the others some time.
  void verified(Head head);

  default AccountRecord newest() {
    return records().getLast();
  }

  default Set<Hash> hashes() {
    return records().stream().map(AccountRecord::hash).collect(Collectors.toUnmodifiableSet());
  }
}
