// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.Reading;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// The messages of one device in one conversation, as far as they came: only what is verified and counted (content and
/// tombstones) is put in. Whoever lost it takes what the service has stored through a new one, before anything that
/// comes live; whoever remembers its newest message goes on behind that, and takes nothing older any more.
public final class DeviceChain {
  private final Map<Long, Hash> hashes = new HashMap<>();
  private final Set<MsgId> ids = new HashSet<>();
  // Of what is this old or older only the newest is known.
  private final long from;
  private long last;
  private boolean gap;

  public DeviceChain() {
    this.from = 0;
  }

  private DeviceChain(long seq, Hash hash) {
    this.from = seq;
    this.last = seq;
    hashes.put(seq, hash);
  }

  /// Goes on behind the newest message that came before.
  public static DeviceChain behind(long seq, Hash hash) {
    return new DeviceChain(seq, hash);
  }

  /// The number of the newest message.
  public long seq() {
    return last;
  }

  /// The service said that messages are gone here, or we came later: nothing is missing before the next one.
  public void rebase() {
    gap = true;
  }

  /// Takes a message; the answer is how many before it did not come. REPLAYED, CLONED_DEVICE and BROKEN_CHAIN are not
  /// kept; one that is OUT_OF_ORDER is.
  public Reading<Long> receive(Envelope envelope) {
    MessageHeader header = envelope.header();
    if (header.seq() == 0) {
      throw new IllegalArgumentException("a message of this type is not counted");
    }
    Hash hash = envelope.hash();
    Hash known = hashes.get(header.seq());
    if (hash.equals(known) || header.seq() < from || ids.contains(header.msgId())) {
      return new Reading.Unreadable<>(Fault.REPLAYED);
    }
    if (known != null) {
      return new Reading.Unreadable<>(Fault.CLONED_DEVICE);
    }
    Hash before = hashes.get(last);
    if (header.seq() == last + 1 && before != null && !before.equals(header.prev())) {
      return new Reading.Unreadable<>(Fault.BROKEN_CHAIN);
    }
    hashes.put(header.seq(), hash);
    ids.add(header.msgId());
    if (header.seq() < last) {
      return new Reading.Unreadable<>(Fault.OUT_OF_ORDER);
    }
    long missing = gap ? 0 : header.seq() - last - 1;
    last = header.seq();
    gap = false;
    return new Reading.Read<>(missing);
  }
}
