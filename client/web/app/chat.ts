// SPDX-License-Identifier: Apache-2.0
import {
  Client,
  type ConnectionState,
  type Conversation,
  type ConversationId,
  type ConversationLink,
  parseConversationId,
  RelayError,
} from "../src/index.ts";
import { ConversationList } from "./conversation-list.ts";
import { box, button, make, paintAvatar, say } from "./dom.ts";
import type { Identity } from "./identity.ts";
import { MembersDialog } from "./members-dialog.ts";
import { Names } from "./names.ts";
import { OpenConversation } from "./open-conversation.ts";
import { Room } from "./room.ts";

const RECENT_ENTRIES = 60;
const TOAST_MS = 6_000;

/** The signed-in page: keeps the client, and tells the parts of the page what there is to show. */
export class Chat {
  readonly #identity: Identity;
  readonly #client: Client;
  readonly #names = new Names();
  readonly #rooms = new Map<ConversationId, Room>();
  readonly #list: ConversationList;
  readonly #open: OpenConversation;
  readonly #members: MembersDialog;
  readonly #ended: (why: string | undefined) => void;
  readonly #read: Record<string, number>;
  readonly #off = new AbortController();
  #selected: Room | undefined;
  #drawing = false;
  #toast: ReturnType<typeof setTimeout> | undefined;

  constructor(identity: Identity, ended: (why: string | undefined) => void) {
    this.#identity = identity;
    this.#ended = ended;
    this.#read = readMarks(identity.name);
    this.#client = new Client({
      url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/v1/connect`,
      deviceId: identity.deviceId,
      token: () => identity.token(),
      recentEntries: RECENT_ENTRIES,
    });
    this.#list = new ConversationList(this.#names, (room) => this.#select(room));
    this.#members = new MembersDialog(this.#client, this.#names, (error) => this.#problem(error));
    this.#open = new OpenConversation({
      user: identity.name,
      names: this.#names,
      bodyBytesMost: () => this.#client.me?.bodyBytesMost ?? 0,
      problem: (error) => this.#problem(error),
      back: () => this.#select(undefined),
      members: (room) => this.#members.show(room.conversation),
    });
  }

  start(): void {
    const { name } = this.#identity;
    box("my-name").textContent = name;
    paintAvatar(box("my-avatar"), name);
    box("chat").hidden = false;
    this.#listen();
    this.#client.listen({
      state: (state) => this.#showState(state),
      conversations: () => this.#conversations(),
      entry: (conversation, entry) => this.#roomOf(conversation)?.arrived(entry),
      refused: (error) => this.#problem(error),
    });
    this.#showState(this.#client.state);
    this.#client.start();
    this.#draw();
  }

  async join(link: ConversationLink): Promise<void> {
    try {
      this.#select(this.#roomOf(await this.#client.join(link)));
    } catch (error) {
      const unknown = error instanceof RelayError && error.name === "NOT_A_MEMBER";
      this.#problem(unknown ? "This link is not valid (any more)." : error);
    }
  }

  #listen(): void {
    const { signal } = this.#off;
    const on = (target: EventTarget, event: string, act: () => void) =>
      target.addEventListener(event, act, { signal });
    on(button("new"), "click", () => void this.#create());
    on(button("sign-out"), "click", () => this.#end(undefined));
    on(button("banner-action"), "click", () => this.#client.retryNow());
    on(window, "online", () => this.#client.retryNow());
    on(document, "visibilitychange", () => {
      if (document.visibilityState === "visible") {
        this.#client.retryNow();
        this.#draw();
      }
    });
  }

  async #create(): Promise<void> {
    const start = button("new");
    start.disabled = true;
    try {
      this.#select(this.#roomOf(await this.#client.create()));
    } catch (error) {
      this.#problem(error);
    } finally {
      start.disabled = false;
    }
  }

  #roomOf(conversation: Conversation): Room | undefined {
    const me = this.#client.me;
    if (me === undefined) {
      return undefined;
    }
    let room = this.#rooms.get(conversation.id);
    if (room === undefined) {
      room = new Room(conversation, me.uid, this.#read[conversation.id] ?? 0, () => this.#draw());
      this.#rooms.set(conversation.id, room);
      room.resume();
    }
    return room;
  }

  #conversations(): void {
    const there = new Set<ConversationId>();
    for (const conversation of this.#client.conversations) {
      this.#names.learn(conversation);
      this.#roomOf(conversation);
      there.add(conversation.id);
    }
    for (const id of this.#rooms.keys()) {
      if (!there.has(id)) {
        this.#rooms.delete(id);
      }
    }
    if (this.#selected?.conversation.removed) {
      this.#problem("You are no longer in that conversation.");
      this.#select(undefined);
    }
    this.#selectFromAddress();
    this.#draw();
  }

  /** Loading the page again comes back to the same conversation. */
  #selectFromAddress(): void {
    const id = parseConversationId(location.hash.replace(/^#c=/, ""));
    const room = id && this.#rooms.get(id);
    if (room !== undefined && this.#selected === undefined) {
      this.#select(room);
    }
  }

  #select(room: Room | undefined): void {
    this.#selected = room;
    const address = room === undefined ? location.pathname : `#c=${room.conversation.id}`;
    history.replaceState(null, "", address);
    box("chat").dataset["view"] = room === undefined ? "list" : "conversation";
    this.#open.show(room, this.#client.me?.uid);
    this.#draw();
  }

  /** Once per frame, however much came. */
  #draw(): void {
    if (this.#drawing) {
      return;
    }
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      if (this.#off.signal.aborted) {
        return;
      }
      const seen = this.#selected !== undefined && document.visibilityState === "visible";
      if (seen && this.#selected !== undefined) {
        this.#selected.markRead();
        this.#rememberRead(this.#selected);
      }
      const rooms = [...this.#rooms.values()].sort((a, b) => b.activeMs - a.activeMs);
      this.#list.show(rooms, this.#selected, this.#client.me?.uid, this.#client.ready);
      this.#open.draw();
      this.#members.draw();
      const unread = rooms.reduce((sum, room) => sum + room.unread, 0);
      document.title = unread > 0 ? `(${unread}) e2relay` : "e2relay";
    });
  }

  #rememberRead(room: Room): void {
    const { id } = room.conversation;
    if (this.#read[id] !== room.readThrough) {
      this.#read[id] = room.readThrough;
      localStorage.setItem(readKey(this.#identity.name), JSON.stringify(this.#read));
    }
  }

  #showState(state: ConnectionState): void {
    const words = {
      connecting: "Connecting…",
      online: "Online",
      reconnecting: "Reconnecting…",
      stopped: "Offline",
    };
    box("status").textContent = words[state.kind];
    box("status").dataset["state"] = state.kind;
    box("banner").hidden = state.kind !== "reconnecting";
    if (state.kind === "reconnecting") {
      box("banner-text").textContent =
        "No connection. What you write is kept and sent as soon as it is back.";
      button("banner-action").textContent = "Try now";
    } else if (state.kind === "online" && this.#client.me !== undefined) {
      this.#names.know(this.#client.me.uid, this.#identity.name);
    } else if (state.kind === "stopped" && !this.#off.signal.aborted) {
      this.#end(state.error?.message ?? "The service closed the connection.");
    }
    this.#draw();
  }

  #end(why: string | undefined): void {
    this.#off.abort();
    this.#client.stop();
    this.#select(undefined);
    this.#list.close();
    this.#open.close();
    this.#members.close();
    document.title = "e2relay";
    box("chat").hidden = true;
    this.#ended(why);
  }

  #problem(error: unknown): void {
    const text =
      typeof error === "string" ? error : error instanceof Error ? error.message : "Something went wrong.";
    const toast = box("toast");
    // A new element inside, so that the same words twice are read aloud twice.
    toast.replaceChildren(make("span", "", text));
    toast.hidden = false;
    clearTimeout(this.#toast);
    this.#toast = setTimeout(() => say(toast, undefined), TOAST_MS);
  }
}

const readKey = (name: string) => `e2relay.read.${name}`;

function readMarks(name: string): Record<string, number> {
  try {
    const marks = JSON.parse(localStorage.getItem(readKey(name)) ?? "{}") as Record<string, unknown> | null;
    const numbers = Object.entries(marks ?? {}).filter(([, seq]) => Number.isSafeInteger(seq));
    return Object.fromEntries(numbers) as Record<string, number>;
  } catch {
    return {};
  }
}
