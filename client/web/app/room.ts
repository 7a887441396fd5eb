// SPDX-License-Identifier: Apache-2.0
import {
  type Content,
  type Conversation,
  decodeContent,
  encodeText,
  type Entry,
  type MessageEntry,
  type MsgId,
  newMsgId,
  RelayError,
  type Uid,
} from "../src/index.ts";

/** A message of this user that is not in the log yet, as far as this page knows. */
export interface Outgoing {
  readonly msgId: MsgId;
  readonly text: string;
  readonly writtenMs: number;
  readonly mark: "sending" | "sent" | "failed";
  readonly why: string | undefined;
}

/** A conversation as the page shows it: what was read of its log, what is on its way, and what was seen. */
export class Room {
  readonly conversation: Conversation;
  readonly #me: Uid;
  readonly #changed: () => void;
  readonly #unsentKey: string;
  readonly #decoded = new Map<number, Content>();
  #entries: Entry[] = [];
  #outgoing: Outgoing[] = [];
  #readThrough: number;

  constructor(conversation: Conversation, me: Uid, readThrough: number, changed: () => void) {
    this.#unsentKey = `e2relay.unsent.${me}.${conversation.id}`;
    this.conversation = conversation;
    this.#me = me;
    this.#readThrough = readThrough;
    this.#changed = changed;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get outgoing(): readonly Outgoing[] {
    return this.#outgoing;
  }

  get readThrough(): number {
    return this.#readThrough;
  }

  get unread(): number {
    const isNews = (entry: Entry) =>
      entry.kind === "message" && entry.uid !== this.#me && entry.seq > this.#readThrough;
    return this.#entries.filter(isNews).length;
  }

  /** When something last happened here. */
  get activeMs(): number {
    const last = this.#entries.findLast((entry) => entry.kind !== "gap");
    return Math.max(last?.receivedMs ?? 0, this.conversation.info.createdMs);
  }

  get lastMessage(): MessageEntry | undefined {
    return this.#entries.findLast((entry) => entry.kind === "message");
  }

  contentOf(entry: MessageEntry): Content {
    const known = this.#decoded.get(entry.seq) ?? decodeContent(entry.body);
    this.#decoded.set(entry.seq, known);
    return known;
  }

  /** Goes on with what this tab had not got rid of when it was loaded again; what was stored after all stays one. */
  resume(): void {
    this.#outgoing = unsentIn(sessionStorage.getItem(this.#unsentKey));
    this.#outgoing.forEach(({ msgId, text, mark }) => mark === "sending" && void this.#try(msgId, text));
  }

  arrived(entry: Entry): void {
    this.#entries.push(entry);
    if (entry.kind === "message") {
      this.#setOutgoing(this.#outgoing.filter(({ msgId }) => msgId !== entry.msgId));
    }
    this.#changed();
  }

  async showEarlier(): Promise<void> {
    this.#entries = [...(await this.conversation.earlier(50)), ...this.#entries];
    this.#changed();
  }

  markRead(): void {
    this.#readThrough = Math.max(this.#readThrough, this.conversation.cursor);
  }

  send(text: string): void {
    const msgId = newMsgId();
    this.#setOutgoing([
      ...this.#outgoing,
      { msgId, text, writtenMs: Date.now(), mark: "sending", why: undefined },
    ]);
    void this.#try(msgId, text);
  }

  /** The same message again: if it was stored after all, it stays one. */
  retry(msgId: MsgId): void {
    const outgoing = this.#outgoing.find((one) => one.msgId === msgId);
    if (outgoing?.mark === "failed") {
      this.#mark(msgId, "sending");
      void this.#try(msgId, outgoing.text);
    }
  }

  /** Gives up a message that was not sent. */
  discard(msgId: MsgId): void {
    this.#setOutgoing(this.#outgoing.filter((one) => one.msgId !== msgId));
    this.#changed();
  }

  async #try(msgId: MsgId, text: string): Promise<void> {
    this.#changed();
    try {
      await this.conversation.send(encodeText(text), msgId);
      this.#mark(msgId, "sent");
    } catch (error) {
      this.#mark(msgId, "failed", error instanceof RelayError ? error.message : "There is no connection.");
    }
  }

  #mark(msgId: MsgId, mark: Outgoing["mark"], why?: string): void {
    this.#setOutgoing(this.#outgoing.map((one) => (one.msgId === msgId ? { ...one, mark, why } : one)));
    this.#changed();
  }

  #setOutgoing(outgoing: Outgoing[]): void {
    if (outgoing.length > 0 || this.#outgoing.length > 0) {
      this.#outgoing = outgoing;
      const unsent = outgoing.filter(({ mark }) => mark !== "sent");
      sessionStorage.setItem(this.#unsentKey, JSON.stringify(unsent));
    }
  }
}

function unsentIn(stored: string | null): Outgoing[] {
  try {
    const list = JSON.parse(stored ?? "[]") as Partial<Outgoing>[];
    return list.flatMap(({ msgId, text, writtenMs, mark, why }) =>
      typeof msgId === "string" && typeof text === "string" && typeof writtenMs === "number"
        ? [{ msgId, text, writtenMs, mark: mark === "failed" ? mark : "sending", why }]
        : [],
    );
  } catch {
    return [];
  }
}
