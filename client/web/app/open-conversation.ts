// SPDX-License-Identifier: Apache-2.0
import { encodeText, type MsgId, type Uid } from "../src/index.ts";
import { box, button, byId, dialog, form, icon, input, Rows } from "./dom.ts";
import { messageRows } from "./message-rows.ts";
import type { Names } from "./names.ts";
import type { Room } from "./room.ts";

export interface Surroundings {
  readonly user: string;
  readonly names: Names;
  readonly bodyBytesMost: () => number;
  readonly problem: (error: unknown) => void;
  readonly back: () => void;
  readonly members: (room: Room) => void;
}

const NEAR_END_PX = 80;
const COPIED_MS = 2_000;

/** The conversation that is open: its head, its messages and the place to write. */
export class OpenConversation {
  readonly #around: Surroundings;
  readonly #rows = new Rows(box("messages"));
  readonly #scroll = box("scroll");
  readonly #text = byId("text", HTMLTextAreaElement);
  readonly #off = new AbortController();
  #room: Room | undefined;
  #me: Uid | undefined;
  #newest: number | undefined;
  #toEnd = false;
  /** The end was in sight when this was last scrolled: so it stays, whatever changes its size. */
  #following = true;

  constructor(around: Surroundings) {
    this.#around = around;
    const { signal } = this.#off;
    const on = <E extends Event>(target: EventTarget, event: string, act: (event: E) => void) =>
      target.addEventListener(event, act as EventListener, { signal });
    on(button("back"), "click", () => around.back());
    on(button("members"), "click", () => this.#room && around.members(this.#room));
    on(button("copy"), "click", () => void this.#copyLink());
    on(button("invite"), "click", () => void this.#copyLink());
    on(button("link-close"), "click", () => dialog("link-dialog").close());
    on(button("earlier"), "click", () => void this.#earlier());
    on(button("latest"), "click", () => this.#scrollToEnd());
    on(this.#scroll, "scroll", () => {
      this.#following = this.#atEnd();
      if (this.#following) {
        button("latest").hidden = true;
      }
    });
    const resized = new ResizeObserver(() => this.#following && this.#scrollToEnd());
    resized.observe(this.#scroll);
    signal.addEventListener("abort", () => resized.disconnect());
    on(this.#text, "input", () => this.#written());
    on<KeyboardEvent>(this.#text, "keydown", (event) => {
      // Enter while choosing a character belongs to the input method.
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#send();
      }
    });
    on<Event>(form("composer"), "submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    on(window, "resize", () => this.#fit());
  }

  show(room: Room | undefined, me: Uid | undefined): void {
    const other = room !== this.#room;
    this.#room = room;
    this.#me = me;
    box("conversation").hidden = room === undefined;
    box("nothing").hidden = room !== undefined;
    if (room === undefined || !other) {
      return;
    }
    this.#rows.show([]);
    this.#newest = undefined;
    this.#toEnd = true;
    button("latest").hidden = true;
    this.#text.value = sessionStorage.getItem(this.#draftKey()) ?? "";
    this.#fit();
    // On a phone this would cover half of the conversation with a keyboard.
    if (matchMedia("(hover: hover)").matches) {
      this.#text.focus();
    }
  }

  draw(): void {
    const room = this.#room;
    const me = this.#me;
    if (room === undefined || me === undefined) {
      return;
    }
    const { names } = this.#around;
    const { info, hasEarlier } = room.conversation;
    box("title").textContent = names.titleOf(room.conversation, me);
    const count = info.members.length;
    button("members").replaceChildren(icon("people"), `${count} ${count === 1 ? "member" : "members"}`);
    button("copy").hidden = info.link === undefined;
    button("earlier").hidden = !hasEarlier;
    const spoken = room.lastMessage !== undefined || room.outgoing.length > 0;
    box("alone").hidden = count > 1 || spoken || info.link === undefined;
    const follow = this.#toEnd || this.#following;
    const retry = (key: string) => room.retry(key as MsgId);
    const discard = (key: string) => room.discard(key as MsgId);
    this.#rows.show(messageRows(room, { me, names, retry, discard }));
    const newest = room.entries.at(-1)?.seq;
    if (follow) {
      this.#scrollToEnd();
    } else if (this.#newest !== undefined && newest !== this.#newest) {
      button("latest").hidden = false;
    }
    this.#newest = newest;
    this.#toEnd = false;
  }

  close(): void {
    this.#off.abort();
    this.#rows.show([]);
    this.#text.value = "";
  }

  #send(): void {
    const text = this.#text.value.trim();
    if (this.#room === undefined || text === "") {
      return;
    }
    const over = encodeText(text).length - this.#around.bodyBytesMost();
    if (over > 0) {
      this.#around.problem(`This message is ${over} bytes too long.`);
      return;
    }
    this.#text.value = "";
    this.#written();
    this.#toEnd = true;
    this.#room.send(text);
  }

  #written(): void {
    const text = this.#text.value;
    if (text === "") {
      sessionStorage.removeItem(this.#draftKey());
    } else {
      sessionStorage.setItem(this.#draftKey(), text);
    }
    this.#fit();
  }

  /** As high as its text, up to the limit in the style sheet. */
  #fit(): void {
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight + 2}px`;
  }

  async #earlier(): Promise<void> {
    const earlier = button("earlier");
    earlier.disabled = true;
    const fromEnd = this.#scroll.scrollHeight - this.#scroll.scrollTop;
    try {
      await this.#room?.showEarlier();
      // After the drawing that this caused: what was being read stays where it was.
      requestAnimationFrame(() => (this.#scroll.scrollTop = this.#scroll.scrollHeight - fromEnd));
    } catch (error) {
      this.#around.problem(error);
    } finally {
      earlier.disabled = false;
    }
  }

  async #copyLink(): Promise<void> {
    const link = this.#room?.conversation.info.link;
    if (link === undefined) {
      return;
    }
    const address = `${location.origin}${location.pathname}#join=${link}`;
    try {
      await navigator.clipboard.writeText(address);
    } catch {
      // Not allowed here: show it, so that it can be copied by hand.
      const shown = input("link-text");
      shown.value = address;
      dialog("link-dialog").showModal();
      shown.select();
      return;
    }
    const label = button("copy").querySelector("span");
    label?.replaceChildren("Link copied");
    setTimeout(() => label?.replaceChildren("Copy link"), COPIED_MS);
  }

  #draftKey(): string {
    return `e2relay.draft.${this.#around.user}.${this.#room?.conversation.id ?? ""}`;
  }

  #atEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  #scrollToEnd(): void {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    button("latest").hidden = true;
  }
}
