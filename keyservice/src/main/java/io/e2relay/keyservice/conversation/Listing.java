// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import java.util.List;

/// A page of a user's conversations.
///
/// @param more whether further conversations follow
/// @param version of the user's list, no newer than the page
public record Listing(List<View> conversations, boolean more, long version) {
}
