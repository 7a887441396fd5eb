// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

/// Messages of a conversation that came before this user could read them can be read now: those among them are in
/// [EncryptedConversation#history(long, long)] of these places.
public record NowReadable(EncryptedConversation conversation, long afterSeq, long uptoSeq) {
}
