// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import io.e2relay.protocol.config.Settings;
import java.time.Duration;

/// What an operator can set about the key service.
public record KeyConfig(int poolSize, int poolWaitingMax, Duration timeout, Duration detachTimeout, int membersMax,
    int listMembersMax, Duration deviceIdle) {

  public static KeyConfig read(Settings settings) {
    return new KeyConfig(
        settings.number("keys.pool.size", 8, 1, 200, "Connections to PostgreSQL of each key service, at most."),
        settings.number("keys.pool.waiting.max", 256, 1, 10_000,
            "Calls that wait for a connection; one more is refused at once."),
        settings.millis("keys.timeout.ms", 1_000, 100, 10_000,
            "How long one call may take in PostgreSQL before it is refused as UNAVAILABLE."),
        settings.millis("keys.detach.timeout.ms", 1_000, 50, 5_000,
            "How long a removal waits for relays to drop the removed member's subscriptions, or the removed device's "
                + "connections."),
        settings.number("keys.members.max", 1_000, 1, 10_000, "Members of a conversation, at most."),
        settings.number("keys.list.members.max", 2_000, 1, 100_000,
            "Members in the conversations of one page of a list, at most; a page has at least one conversation."),
        Duration.ofDays(settings.number("keys.device.idle.days", 90, 1, 3_650,
            "Days without a sign-in after which a device has to be unlocked by opening the user's backup.")));
  }
}
