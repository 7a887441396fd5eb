// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Hash;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where each conversation's log was read up to, and what a reader has to know to go on from there. Steps are noted one
/// by one, and saved together: a save has all of them or none.
final class Bookmarks {
  private final Vault vault;
  private Map<String, Optional<ByteString>> noted = new HashMap<>();

  Bookmarks(Vault vault) {
    this.vault = vault;
  }

  /// As it was saved.
  Bookmark of(ConversationId conversation) {
    return vault.get(key(conversation)).map(Bookmark::read).orElse(Bookmark.START);
  }

  /// Whose messages were heard before that.
  List<Heard> heard(ConversationId conversation) {
    String prefix = key(conversation) + "/";
    return vault.keys(prefix).stream().map(key -> {
      ByteString who = ByteString.fromHex(key.substring(prefix.length()));
      List<ByteString> values = vault.get(key).map(Packed::values).orElseThrow();
      return new Heard(new Uid(who.substring(0, Uid.BYTES)), new DeviceId(who.substring(Uid.BYTES)),
          Packed.number(values.getFirst()), Packed.number(values.get(1)), new Hash(values.getLast()));
    }).toList();
  }

  /// What was passed over because there was no key, or no right to read it.
  synchronized Ranges missed(ConversationId conversation) {
    String key = missedKey(conversation);
    return noted.getOrDefault(key, vault.get(key)).map(Ranges::read).orElse(Ranges.NONE);
  }

  synchronized void note(Step step) {
    noted.put(key(step.conversation()), Optional.of(step.bookmark().packed()));
    step.heard()
        .ifPresent(heard -> noted.put(
            key(step.conversation()) + "/" + Packed.name(heard.uid().bytes().concat(heard.device().bytes())),
            Optional.of(Packed.of(Packed.number(heard.at()), Packed.number(heard.seq()), heard.hash().bytes()))));
    step.missed().ifPresent(range -> missed(step.conversation(), missed(step.conversation()).with(range)));
  }

  /// The application knows that this can be read now.
  synchronized void noteFound(ConversationId conversation, Ranges found) {
    missed(conversation, missed(conversation).without(found));
  }

  synchronized void save() {
    if (!noted.isEmpty()) {
      vault.write(noted);
      noted = new HashMap<>();
    }
  }

  private void missed(ConversationId conversation, Ranges now) {
    noted.put(missedKey(conversation), now.all().isEmpty() ? Optional.empty() : Optional.of(now.packed()));
  }

  private static String key(ConversationId conversation) {
    return "conversation/" + Packed.name(conversation.bytes()) + "/read";
  }

  private static String missedKey(ConversationId conversation) {
    return "conversation/" + Packed.name(conversation.bytes()) + "/missed";
  }
}
