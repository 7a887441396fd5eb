// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.id.Epoch;

/// What became of an append.
sealed interface Outcome {

  /// It is durable, in this place.
  record Stored(Place place) implements Outcome {
  }

  /// An earlier try of the same message was stored, in this place.
  record Duplicate(Place place) implements Outcome {
  }

  /// Another message was stored under the same id.
  record Differs() implements Outcome {
  }

  /// The conversation is in another epoch than the message.
  record Stale(Epoch current) implements Outcome {
  }

  /// The epoch takes no more messages.
  record Closed(Epoch current) implements Outcome {
  }

  /// There is no such conversation.
  record Unknown() implements Outcome {
  }
}
