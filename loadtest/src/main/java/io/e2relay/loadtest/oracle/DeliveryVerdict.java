// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.oracle;

/// What became of the messages of a run.
///
/// @param attempted messages that somebody tried to send
/// @param acknowledged messages that the service said are durable
/// @param delivered sightings of messages by receivers
/// @param lost acknowledged messages that a receiver did not see, counted once for each such receiver
/// @param duplicated sightings of a message that the same receiver had seen before
/// @param outOfOrder sightings at a place not after the receiver's last one in that conversation
/// @param unexpected sightings of what nobody sent there, at another place than acknowledged, or by a stranger
public record DeliveryVerdict(long attempted, long acknowledged, long delivered, long lost, long duplicated,
    long outOfOrder, long unexpected) {

  public boolean clean() {
    return lost == 0 && duplicated == 0 && outOfOrder == 0 && unexpected == 0;
  }

  @Override
  public String toString() {
    return "attempted=%d acknowledged=%d delivered=%d lost=%d duplicated=%d out_of_order=%d unexpected=%d"
        .formatted(attempted, acknowledged, delivered, lost, duplicated, outOfOrder, unexpected);
  }
}
