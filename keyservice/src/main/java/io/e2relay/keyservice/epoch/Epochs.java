// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.database.Unavailable;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import java.util.List;

/// The epochs of encrypted conversations: their records, and their keys as they were wrapped.
///
/// Every method waits for its answer and throws [Unavailable] when there is none in time.
public interface Epochs {
  /// Makes an encrypted conversation; a repeated request finds the one it made.
  Founding found(Foundation wish, ByteString requestId, long nowMs);

  /// Lets an open conversation go on as an encrypted one, for good.
  Founding upgrade(ConversationId open, Foundation wish, long nowMs);

  /// Decides on the record, under the lock of the conversation, and opens the epoch.
  Opening put(EpochPut put, long nowMs);

  /// The records behind an epoch, as many as fit; for members, also those who wait for a key.
  Chapter records(ConversationId id, Uid caller, long after);

  /// The keys that were wrapped for the caller, of the epochs behind this one, as many as fit.
  Keyring wraps(ConversationId id, Uid caller, long after);

  /// Records, in order, or why there are none.
  sealed interface Chapter {
    /// @param genesis empty where the reader has it
    record Records(ByteString genesis, List<ByteString> records, Epoch current, boolean more) implements Chapter {
    }

    record Refused(Objection why) implements Chapter {
    }
  }

  /// A wrapped key and how it came.
  ///
  /// @param grant empty where it came with the epoch's record
  record Wrap(Epoch epoch, ByteString wrap, ByteString grant) {
    @Override
    public String toString() {
      return "Wrap[" + epoch + "]";
    }
  }

  /// Wrapped keys, in the order of their epochs, or why there are none.
  sealed interface Keyring {
    record Wraps(List<Wrap> wraps, boolean more) implements Keyring {
    }

    record Refused(Objection why) implements Keyring {
    }
  }
}
