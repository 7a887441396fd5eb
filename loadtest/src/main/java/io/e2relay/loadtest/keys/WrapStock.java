// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.keys;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.SymmetricKey;
import io.e2relay.client.crypto.Wrapping;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.RosterEntry;
import java.util.List;
import java.util.stream.Stream;

/// Wrapped keys of the right form, as many as the largest roster needs.
final class WrapStock {
  private final List<ByteString> wraps;

  WrapStock(int size) {
    Point somebody = AgreementKey.generate().publicKey();
    SymmetricKey key = SymmetricKey.generate();
    Hash hash = Hash.NONE;
    var what = new Wrapping.ConversationWrap(new ConversationId(hash.bytes()), Epoch.FIRST,
        new Uid(hash.bytes().substring(0, Uid.BYTES)), 1, hash);
    this.wraps = Stream.generate(() -> Wrapping.wrap(key, somebody, what)).limit(size).toList();
  }

  /// One for each active member.
  List<ByteString> wrapsFor(List<RosterEntry> roster) {
    return wraps.subList(0, (int) roster.stream().filter(RosterEntry::active).count());
  }
}
