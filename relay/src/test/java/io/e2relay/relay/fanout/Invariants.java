// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.relay.world.World;

/// What no run may break, whatever is lost, repeated or late.
final class Invariants {
  private Invariants() {
  }

  /// Everything between what a client has and what it gets was there: an entry, or a gap that says so.
  static final class NoGap {
    private NoGap() {
    }

    static void check(long cursor, long seq) {
      if (seq > cursor + 1) {
        throw new AssertionError("NoGap: has " + cursor + ", got " + seq);
      }
    }
  }

  /// Nothing comes again, and nothing comes after what follows it.
  static final class NothingTwice {
    private NothingTwice() {
    }

    static void check(long cursor, long seq) {
      if (seq <= cursor) {
        throw new AssertionError("NothingTwice, NoReorder: has " + cursor + ", got " + seq);
      }
    }
  }

  /// Who was not in the roster of an entry's epoch does not get it.
  record NothingToNonMembers(World world) {
    void check(ByteString uid, ByteString conversation, long epoch) {
      if (!world.roster(conversation, epoch).contains(uid)) {
        throw new AssertionError("NothingToNonMembers: epoch " + epoch);
      }
    }
  }
}
