// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.self;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.SelfBlob;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Self blobs without a database.
final class InMemorySelfBlobs implements SelfBlobs {
  private final Map<Uid, TreeMap<Integer, SelfBlob>> all = new HashMap<>();

  @Override
  public Stored put(Uid uid, SelfBlob blob) {
    TreeMap<Integer, SelfBlob> mine = all.computeIfAbsent(uid, _ -> new TreeMap<>());
    SelfBlob before = mine.get(blob.kind().number());
    if (before == null || before.counter() < blob.counter()) {
      mine.put(blob.kind().number(), blob);
      return Stored.DONE;
    }
    return before.equals(blob) ? Stored.DONE : Stored.OLDER;
  }

  @Override
  public Page get(Uid uid, Set<Integer> kinds, int bytesMax) {
    List<ByteString> blobs = new ArrayList<>();
    long bytes = 0;
    boolean more = false;
    for (SelfBlob blob : all.getOrDefault(uid, new TreeMap<>()).values()) {
      if (kinds.isEmpty() || kinds.contains(blob.kind().number())) {
        bytes += blob.bytes().size();
        more |= bytes > bytesMax;
        if (bytes <= bytesMax) {
          blobs.add(blob.bytes());
        }
      }
    }
    return new Page(blobs, more);
  }
}
