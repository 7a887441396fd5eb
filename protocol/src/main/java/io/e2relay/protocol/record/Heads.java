// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import java.util.List;

/// What is in a SelfBlob of kind HEADS: where a device that was just set up starts from, so that nobody can show it
/// what was long ago.
public record Heads(List<Head> heads) {
  /// As many as fit into the largest SelfBlob.
  public static final int COUNT_MAX = 3_854;
  private static final int SIZE_HINT = 3;

  public Heads {
    heads = List.copyOf(heads);
    RecordWriter.require(heads.size() <= COUNT_MAX, Fault.OUT_OF_RANGE);
    RecordWriter.require(Head.BY_CONVERSATION.holds(heads), Fault.UNSORTED);
  }

  public static Reading<Heads> read(ByteString bytes) {
    RecordReader in = new RecordReader(bytes);
    in.version();
    List<Head> heads = in.ascending(in.count16(0, COUNT_MAX), Head::read, Head.BY_CONVERSATION);
    return in.end(() -> new Heads(heads));
  }

  public ByteString bytes() {
    RecordWriter out = new RecordWriter(SIZE_HINT + heads.size() * Head.BYTES).version().u16(heads.size());
    heads.forEach(head -> head.write(out));
    return out.written();
  }
}
