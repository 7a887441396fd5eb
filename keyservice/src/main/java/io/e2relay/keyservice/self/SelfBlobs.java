// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.self;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.database.Unavailable;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.SelfBlob;
import java.util.List;
import java.util.Set;

/// What users' devices tell each other: the newest of each kind.
///
/// Every method waits for its answer and throws [Unavailable] when there is none in time.
public interface SelfBlobs {
  /// What came of a put.
  enum Stored {
    // Now, or by an earlier try.
    DONE,
    // One with the same counter or a higher one is there.
    OLDER
  }

  /// @param more whether there are others that did not fit
  record Page(List<ByteString> blobs, boolean more) {
  }

  Stored put(Uid uid, SelfBlob blob);

  /// The exact bytes that were put, by kind.
  ///
  /// @param kinds of them; none means all
  /// @param bytesMax at most in all; no blob alone may be larger
  Page get(Uid uid, Set<Integer> kinds, int bytesMax);
}
