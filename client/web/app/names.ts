// SPDX-License-Identifier: Apache-2.0
import type { Conversation, Uid } from "../src/index.ts";

/** What people are called: as the host calls them, as long as somebody who was seen in a conversation. */
export class Names {
  readonly #known = new Map<Uid, string>();

  learn(conversation: Conversation): void {
    for (const { uid, subject } of conversation.info.members) {
      if (subject !== "") {
        this.#known.set(uid, subject);
      }
    }
  }

  know(uid: Uid, name: string): void {
    this.#known.set(uid, name);
  }

  of(uid: Uid): string {
    return this.#known.get(uid) ?? uid.slice(0, 8);
  }

  titleOf(conversation: Conversation, me: Uid): string {
    const others = conversation.info.members.filter(({ uid }) => uid !== me).map(({ uid }) => this.of(uid));
    if (others.length === 0) {
      return "Only you so far";
    }
    const shown = others.slice(0, 3).join(", ");
    return others.length > 3 ? `${shown} and ${others.length - 3} more` : shown;
  }
}
