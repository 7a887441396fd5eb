// SPDX-License-Identifier: Apache-2.0
import { Conversation, verdictOf } from "./conversations.ts";
import { RelayError } from "./errors.ts";
import type { ServerFrame, Welcome } from "./generated/e2relay/v1/frames_pb.ts";
import { type Conversation as WireConversation, TrustLevel } from "./generated/e2relay/v1/model_pb.ts";
import {
  bytesOf,
  type ConversationId,
  type ConversationLink,
  idOf,
  randomBytes,
  type TenantId,
  type Uid,
  uidOf,
} from "./ids.ts";
import { type Entry, entryOf } from "./messages.ts";
import { type ConnectionState, KeptConnection, type RelayOptions } from "./reconnect.ts";

export interface ClientOptions extends RelayOptions {
  /** How many of the newest entries of each conversation to begin with; without it from the first on. */
  readonly recentEntries?: number;
}

export interface ClientListener {
  state?(state: ConnectionState): void;
  /** A conversation came, went or changed; `ready` may have become true. */
  conversations?(): void;
  /** The next entry of a conversation: each once, in order, from where the client began (see `recentEntries`). */
  entry?(conversation: Conversation, entry: Entry): void;
  /** The service refused something that was not asked for by the application, such as following a conversation. */
  refused?(error: RelayError): void;
}

const CURSORS_PER_REQUEST = 100;
const SUBSCRIBE_AGAIN_MS = 1_000;

/** A user's device in the service: keeps one connection, and follows every conversation of the user. */
export class Client {
  readonly #kept: KeptConnection;
  readonly #recentEntries: number;
  readonly #conversations = new Map<ConversationId, Conversation>();
  readonly #opening = new Map<ConversationId, Promise<Conversation>>();
  readonly #listeners = new Set<ClientListener>();
  #userVersion = -1n;
  #ready = false;
  #me: { tenant: TenantId; uid: Uid; bodyBytesMost: number } | undefined;

  constructor(options: ClientOptions) {
    this.#recentEntries = options.recentEntries ?? Infinity;
    this.#kept = new KeptConnection(options, {
      welcomed: (welcome) => this.#welcomed(welcome),
      event: (frame) => this.#event(frame),
      state: (state) => this.#listeners.forEach((listener) => listener.state?.(state)),
    });
  }

  /** Connects, and stays connected until `stop` or a refusal for good. */
  start(): void {
    this.#kept.start();
  }

  stop(): void {
    this.#kept.stop();
  }

  /** The network came back, or the page: find out now instead of after the next wait. */
  retryNow(): void {
    this.#kept.retryNow();
  }

  get state(): ConnectionState {
    return this.#kept.state;
  }

  /** Known from the first Welcome on. */
  get me(): { readonly tenant: TenantId; readonly uid: Uid; readonly bodyBytesMost: number } | undefined {
    return this.#me;
  }

  /** Whether the list of conversations is known. */
  get ready(): boolean {
    return this.#ready;
  }

  get conversations(): readonly Conversation[] {
    return [...this.#conversations.values()];
  }

  /** Listen before `start` to miss nothing. */
  listen(listener: ClientListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A new open (unencrypted) conversation; who is not named here may join by its link. */
  async create(members: readonly Uid[] = []): Promise<Conversation> {
    const value = {
      requestId: randomBytes(16),
      level: TrustLevel.OPEN,
      members: members.map(bytesOf),
      joinByLink: true,
    };
    return this.#open(await this.#kept.ask({ case: "createConversation", value }, "conversation"));
  }

  async join(link: ConversationLink): Promise<Conversation> {
    const value = { conversationId: bytesOf(link.conversation), linkSecret: link.secret };
    return this.#open(await this.#kept.ask({ case: "joinConversation", value }, "conversation"));
  }

  async leave(conversation: Conversation): Promise<void> {
    await this.#kept.ask({ case: "leave", value: { conversationId: bytesOf(conversation.id) } }, "done");
    this.#forget(conversation.id);
  }

  /** Another user of this tenant, by the host's name for them. */
  user(subject: string): Promise<Uid> {
    if (this.#me === undefined) {
      return Promise.reject(new RelayError(0, "NOT_WELCOMED", "RETRY", "the tenant is not known yet"));
    }
    return uidOf(this.#me.tenant, subject);
  }

  #welcomed(welcome: Welcome): void {
    this.#me = {
      tenant: idOf(welcome.tenant),
      uid: idOf(welcome.uid),
      bodyBytesMost: welcome.limits?.bodyBytes ?? 0,
    };
    void this.#subscribe([...this.#conversations.values()]);
    if (welcome.userVersion !== this.#userVersion) {
      void this.#list();
    }
  }

  /** What the user is in now: opens what is new, forgets what is gone. */
  async #list(): Promise<void> {
    const found = new Map<ConversationId, WireConversation>();
    // Not those that are made or joined while the list is on its way.
    const before = [...this.#conversations.keys()];
    try {
      let after: Uint8Array = new Uint8Array();
      for (let more = true; more;) {
        const body = { case: "listConversations", value: { after } } as const;
        const page = await this.#kept.ask(body, "conversationPage", { thisConnectionOnly: true });
        page.conversations.forEach((info) => found.set(idOf(info.conversationId), info));
        after = page.conversations.at(-1)?.conversationId ?? after;
        more = page.more && page.conversations.length > 0;
        this.#userVersion = page.userVersion;
      }
      await Promise.all([...found.values()].map((info) => this.#open(info)));
    } catch (error) {
      this.#userVersion = -1n;
      this.#unlessBroken(error);
      return;
    }
    before.filter((id) => !found.has(id)).forEach((id) => this.#forget(id));
    this.#ready = true;
    this.#changed();
  }

  /** The conversation that this describes, followed from now on. */
  #open(info: WireConversation): Promise<Conversation> {
    const id: ConversationId = idOf(info.conversationId);
    const known = this.#conversations.get(id);
    if (known !== undefined) {
      known.describe(info);
      this.#changed();
      return Promise.resolve(known);
    }
    const opening = this.#opening.get(id) ?? this.#begin(info).finally(() => this.#opening.delete(id));
    this.#opening.set(id, opening);
    return opening;
  }

  async #begin(info: WireConversation): Promise<Conversation> {
    let startAfter = 0;
    if (this.#recentEntries !== Infinity) {
      const value = { conversationId: info.conversationId, afterSeq: 0n, uptoSeq: 0n, limit: 1 };
      const page = await this.#kept.ask({ case: "fetch", value }, "page");
      startAfter = Math.max(0, Number(page.lastSeq) - this.#recentEntries);
    }
    const conversation = new Conversation(this.#kept, info, startAfter, (of, entry) =>
      this.#entry(of, entry),
    );
    this.#conversations.set(conversation.id, conversation);
    void this.#subscribe([conversation]);
    this.#changed();
    return conversation;
  }

  /** From each one's cursor on: everything that is in the log, and everything that comes. */
  async #subscribe(conversations: readonly Conversation[]): Promise<void> {
    for (let from = 0; from < conversations.length; from += CURSORS_PER_REQUEST) {
      const cursors = conversations
        .slice(from, from + CURSORS_PER_REQUEST)
        .map(({ id, cursor }) => ({ conversationId: bytesOf(id), afterSeq: BigInt(cursor) }));
      try {
        const body = { case: "subscribe", value: { cursors } } as const;
        const { results } = await this.#kept.ask(body, "subscribed", { thisConnectionOnly: true });
        results.forEach((result) => this.#subscribed(idOf(result.conversationId), verdictOf(result)));
      } catch (error) {
        this.#unlessBroken(error);
        return;
      }
    }
  }

  #subscribed(id: ConversationId, verdict: ReturnType<typeof verdictOf>): void {
    const conversation = this.#conversations.get(id);
    if (verdict === "never") {
      this.#forget(id);
    } else if (verdict === "again" && conversation !== undefined) {
      setTimeout(() => void this.#subscribe([conversation]), SUBSCRIBE_AGAIN_MS);
    }
  }

  #event({ body }: ServerFrame): void {
    switch (body.case) {
      case "message":
      case "control":
      case "gap": {
        const entry = entryOf(body);
        if (entry !== undefined) {
          this.#conversations.get(idOf(body.value.conversationId))?.arrived(entry);
        }
        return;
      }
      case "caughtUp":
        this.#conversations.get(idOf(body.value.conversationId))?.reaches(Number(body.value.lastSeq));
        return;
      case "memberRemoved":
        this.#forget(idOf(body.value.conversationId));
        return;
      case "conversationChanged":
        void this.#refresh(body.value.conversationId);
        return;
      default:
        // Draining: the close that follows brings the connection back elsewhere. Newer events mean nothing yet.
        return;
    }
  }

  async #refresh(conversationId: Uint8Array): Promise<void> {
    try {
      const body = { case: "getConversation", value: { conversationId } } as const;
      await this.#open(await this.#kept.ask(body, "conversation"));
    } catch (error) {
      if (error instanceof RelayError && error.advice === "GIVE_UP") {
        this.#forget(idOf(conversationId));
      } else {
        // Not known what it is now: let the next Welcome ask for the whole list.
        this.#userVersion = -1n;
      }
    }
  }

  #entry(conversation: Conversation, entry: Entry): void {
    // The log is what counts: whether or not a hint comes too, this says that the members are others now.
    if (entry.kind === "change" && entry.epoch > conversation.info.epoch) {
      void this.#refresh(bytesOf(conversation.id));
    }
    this.#listeners.forEach((listener) => listener.entry?.(conversation, entry));
  }

  #forget(id: ConversationId): void {
    const conversation = this.#conversations.get(id);
    if (conversation !== undefined) {
      this.#conversations.delete(id);
      conversation.markRemoved();
      this.#changed();
    }
  }

  /** After a break the next Welcome lists again, and subscribes from the cursors as they are then. */
  #unlessBroken(error: unknown): void {
    if (error instanceof RelayError) {
      this.#listeners.forEach((listener) => listener.refused?.(error));
    }
  }

  #changed(): void {
    this.#listeners.forEach((listener) => listener.conversations?.());
  }
}
