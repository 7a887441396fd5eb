// SPDX-License-Identifier: Apache-2.0
import type { Uid } from "../src/index.ts";
import { box, make, paintAvatar, type Row, Rows } from "./dom.ts";
import { textOf } from "./message-rows.ts";
import type { Names } from "./names.ts";
import type { Room } from "./room.ts";
import { shortTimeOf } from "./times.ts";

/** The conversations of the user, the liveliest first. */
export class ConversationList {
  readonly #names: Names;
  readonly #select: (room: Room) => void;
  readonly #rows = new Rows(box("list"));

  constructor(names: Names, select: (room: Room) => void) {
    this.#names = names;
    this.#select = select;
  }

  show(rooms: readonly Room[], selected: Room | undefined, me: Uid | undefined, ready: boolean): void {
    box("list-loading").hidden = ready || rooms.length > 0;
    box("list-empty").hidden = !ready || rooms.length > 0;
    this.#rows.show(me === undefined ? [] : rooms.map((room) => this.#rowOf(room, room === selected, me)));
  }

  close(): void {
    this.#rows.show([]);
  }

  #rowOf(room: Room, current: boolean, me: Uid): Row {
    const title = this.#names.titleOf(room.conversation, me);
    const { unread } = room;
    const preview = this.#previewOf(room, me);
    const time = shortTimeOf(room.activeMs);
    return {
      key: room.conversation.id,
      looks: JSON.stringify([title, preview, time, unread, current]),
      build: () => {
        const avatar = make("span", "");
        paintAvatar(avatar, room.conversation.info.members.length > 1 ? title : this.#names.of(me));
        const top = make("span", "top", make("strong", "", title), make("time", "", time));
        const bottom = make("span", "bottom", make("span", "preview", preview));
        if (unread > 0) {
          bottom.append(make("span", "badge", `${unread}`, make("span", "hidden", " unread")));
        }
        const item = make("button", "item", avatar, make("span", "about", top, bottom));
        item.type = "button";
        if (current) {
          item.setAttribute("aria-current", "true");
        }
        item.addEventListener("click", () => this.#select(room));
        return make("li", "", item);
      },
    };
  }

  #previewOf(room: Room, me: Uid): string {
    const waiting = room.outgoing.at(-1);
    if (waiting !== undefined) {
      return `You: ${waiting.text}`;
    }
    const last = room.lastMessage;
    if (last === undefined) {
      return "No messages yet";
    }
    return `${last.uid === me ? "You" : this.#names.of(last.uid)}: ${textOf(room.contentOf(last))}`;
  }
}
