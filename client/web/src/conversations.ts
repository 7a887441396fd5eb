// SPDX-License-Identifier: Apache-2.0
import { RelayError } from "./errors.ts";
import type { Sent, SubscribeResult } from "./generated/e2relay/v1/frames_pb.ts";
import { type Conversation as WireConversation, Role, TrustLevel } from "./generated/e2relay/v1/model_pb.ts";
import { bytesOf, type ConversationId, formatLink, idOf, type MsgId, newMsgId, type Uid } from "./ids.ts";
import { type Entry, entryOf, Timeline } from "./messages.ts";
import type { KeptConnection } from "./reconnect.ts";

export interface Member {
  readonly uid: Uid;
  readonly admin: boolean;
  /** The host's name of the user; empty while they have never connected. */
  readonly subject: string;
}

/** What the service says of a conversation. */
export interface ConversationInfo {
  readonly level: "open" | "transit" | "e2ee" | "unknown";
  readonly epoch: number;
  readonly members: readonly Member[];
  readonly createdMs: number;
  /** What to append to an address so that others can join; undefined where joining by link is off. */
  readonly link: string | undefined;
}

/** The message is durable and has its place in the order. */
export interface Receipt {
  readonly seq: number;
  readonly epoch: number;
  readonly receivedMs: number;
  readonly duplicate: boolean;
}

export interface ConversationListener {
  /** The next entry of the log from now on: each once, in order. */
  entry?(entry: Entry): void;
  /** Who is in it, or its link, changed; or it was removed. */
  changed?(): void;
}

const UNSENT_MOST = 1_000;
const PAGE_ENTRIES = 100;

/** One conversation as one of its members sees it: its log, once and in order, and what can be done in it. */
export class Conversation {
  readonly id: ConversationId;
  /** The log was followed from the entry after this one; `earlier` reads what lies before. */
  readonly startedAfter: number;
  readonly #kept: KeptConnection;
  readonly #onEntry: (entry: Entry) => void;
  readonly #timeline: Timeline;
  readonly #listeners = new Set<ConversationListener>();
  #info: ConversationInfo;
  #earlierThan: number;
  #removed = false;
  #unsent = 0;
  #lastSend: Promise<unknown> = Promise.resolve();
  #repairing = false;

  /** For Conversations only. */
  constructor(
    kept: KeptConnection,
    info: WireConversation,
    startAfter: number,
    onEntry: (conversation: Conversation, entry: Entry) => void,
  ) {
    this.id = idOf(info.conversationId);
    this.#onEntry = (entry) => onEntry(this, entry);
    this.startedAfter = startAfter;
    this.#kept = kept;
    this.#timeline = new Timeline(startAfter);
    this.#earlierThan = startAfter + 1;
    this.#info = infoOf(info);
  }

  get info(): ConversationInfo {
    return this.#info;
  }

  /** This user is no longer in it: nothing more of it comes. */
  get removed(): boolean {
    return this.#removed;
  }

  /** The last entry that was handed over. */
  get cursor(): number {
    return this.#timeline.cursor;
  }

  /** Whether `earlier` has more. */
  get hasEarlier(): boolean {
    return this.#earlierThan > 1;
  }

  listen(listener: ConversationListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Sends; resolves when the message is durable, however often the connection breaks meanwhile: it is asked again under
   * the same msg_id, so it is stored once. Messages of one conversation are stored in the order of the calls.
   */
  send(body: Uint8Array, msgId: MsgId = newMsgId()): Promise<Receipt> {
    if (this.#unsent >= UNSENT_MOST) {
      return Promise.reject(new RangeError(`${UNSENT_MOST} messages are waiting already`));
    }
    this.#unsent++;
    const value = { conversationId: bytesOf(this.id), msgId: bytesOf(msgId), epoch: 0n, body };
    const ask = () => this.#kept.ask({ case: "send", value }, "sent", { patient: true });
    const sent = this.#lastSend.then(ask).finally(() => this.#unsent--);
    // One at a time: a retry of one must not let the next overtake it. A refusal of one is not one of the next.
    this.#lastSend = sent.catch(() => undefined);
    return sent.then(receiptOf);
  }

  /** The entries just before those that are known, oldest first; empty when there are none. */
  async earlier(atMost = PAGE_ENTRIES): Promise<Entry[]> {
    const upto = this.#earlierThan - 1;
    const from = Math.max(0, upto - atMost);
    const entries: Entry[] = [];
    for (let after = from; after < upto;) {
      const page = await this.#fetch(after, upto);
      entries.push(...page.entries);
      after = page.throughSeq;
    }
    this.#earlierThan = Math.min(this.#earlierThan, from + 1);
    return entries;
  }

  async addMembers(uids: readonly Uid[]): Promise<void> {
    const value = { conversationId: bytesOf(this.id), members: uids.map(bytesOf) };
    await this.#kept.ask({ case: "addMembers", value }, "conversation").then((info) => this.describe(info));
  }

  /** For Conversations only: an entry came by itself. */
  arrived(entry: Entry): void {
    if (this.#timeline.pass(entry)) {
      this.#tell(entry);
    } else if (this.#timeline.behind) {
      void this.#repair();
    }
  }

  /** For Conversations only: the log is known to go this far. */
  reaches(seq: number): void {
    this.#timeline.reaches(seq);
    if (this.#timeline.behind) {
      void this.#repair();
    }
  }

  /** For Conversations only. */
  describe(info: WireConversation): void {
    this.#info = infoOf(info);
    this.#listeners.forEach((listener) => listener.changed?.());
  }

  /** For Conversations only. */
  markRemoved(): void {
    this.#removed = true;
    this.#listeners.forEach((listener) => listener.changed?.());
  }

  #tell(entry: Entry): void {
    this.#onEntry(entry);
    this.#listeners.forEach((listener) => listener.entry?.(entry));
  }

  /** Reads the hole from the log; what comes meanwhile beyond it is read too. */
  async #repair(): Promise<void> {
    if (this.#repairing) {
      return;
    }
    this.#repairing = true;
    try {
      while (this.#timeline.behind && !this.#removed) {
        const page = await this.#fetch(this.#timeline.cursor, 0);
        page.entries.filter((entry) => this.#timeline.pass(entry)).forEach((entry) => this.#tell(entry));
        this.#timeline.readThrough(page.throughSeq);
      }
    } catch {
      // No connection or no longer a member: the next subscription begins at the cursor and closes the hole.
    } finally {
      this.#repairing = false;
    }
  }

  async #fetch(after: number, upto: number): Promise<{ entries: Entry[]; throughSeq: number }> {
    const value = {
      conversationId: bytesOf(this.id),
      afterSeq: BigInt(after),
      uptoSeq: BigInt(upto),
      limit: PAGE_ENTRIES,
    };
    const page = await this.#kept.ask({ case: "fetch", value }, "page");
    const throughSeq = Number(page.throughSeq);
    if (throughSeq <= after) {
      throw new RelayError(0, "EMPTY_PAGE", "GIVE_UP", "a page that leads nowhere");
    }
    return {
      entries: page.entries.map(({ body }) => entryOf(body)).filter((entry) => entry !== undefined),
      throughSeq,
    };
  }
}

/** Whether a subscription stands, is to be asked for again, or cannot be. */
export function verdictOf(result: SubscribeResult): "stands" | "again" | "never" {
  if (result.error === undefined) {
    return "stands";
  }
  return RelayError.of(result.error).advice === "RETRY" ? "again" : "never";
}

function receiptOf(sent: Sent): Receipt {
  const { seq, epoch, receivedMs, duplicate } = sent;
  return { seq: Number(seq), epoch: Number(epoch), receivedMs: Number(receivedMs), duplicate };
}

function infoOf(wire: WireConversation): ConversationInfo {
  const conversation: ConversationId = idOf(wire.conversationId);
  return {
    level: levelOf(wire.level),
    epoch: Number(wire.epoch),
    members: wire.members.map(({ uid, role, subject }) => ({
      uid: idOf(uid),
      admin: role === Role.ADMIN,
      subject,
    })),
    createdMs: Number(wire.createdMs),
    link:
      wire.linkSecret.length === 0
        ? undefined
        : formatLink({ conversation, secret: new Uint8Array(wire.linkSecret) }),
  };
}

function levelOf(level: TrustLevel): ConversationInfo["level"] {
  switch (level) {
    case TrustLevel.OPEN:
      return "open";
    case TrustLevel.TRANSIT:
      return "transit";
    case TrustLevel.E2EE:
      return "e2ee";
    case TrustLevel.UNSPECIFIED:
      return "unknown";
  }
  return "unknown";
}
