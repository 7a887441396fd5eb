// SPDX-License-Identifier: Apache-2.0
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import {
  Advice,
  type ClientFrame,
  ClientFrameSchema,
  type Cursor,
  type EntrySchema,
  type ErrorSchema,
  type Fetch,
  type Send,
  ServerFrameSchema,
} from "../src/generated/e2relay/v1/frames_pb.ts";
import {
  ChangeKind,
  type Conversation,
  ConversationSchema,
  type MemberChangeSchema,
  type Member,
  MemberSchema,
  MemberState,
  Role,
  TrustLevel,
} from "../src/generated/e2relay/v1/model_pb.ts";
import { bytesOf, idOf, randomBytes, type TenantId, type Uid, uidOf } from "../src/ids.ts";

type Body = NonNullable<MessageInitShape<typeof ServerFrameSchema>["body"]>;
type EntryBody = NonNullable<MessageInitShape<typeof EntrySchema>["body"]>;
type ErrorInit = MessageInitShape<typeof ErrorSchema>;

interface Log {
  info: Conversation;
  readonly entries: EntryBody[];
  readonly bySent: Map<string, number>;
}

interface Peer {
  readonly socket: WebSocket;
  uid: Uid | undefined;
  subject: string;
  device: string;
  readonly subscribed: Set<string>;
}

export const TENANT = idOf<TenantId>(new Uint8Array(16).fill(7));
export const NOT_A_MEMBER = {
  code: 200,
  name: "NOT_A_MEMBER",
  advice: Advice.GIVE_UP,
  message: "Not yours.",
};
export const UNAVAILABLE = {
  code: 500,
  name: "UNAVAILABLE",
  advice: Advice.RETRY,
  message: "Later.",
  retryAfterMs: 5,
};
const TOKEN_INVALID = { code: 110, name: "TOKEN_INVALID", advice: Advice.REAUTH, message: "Not a token." };
const PAGE_ENTRIES = 20;

/** A token as the fake takes it: shaped like a JWT, signed by nobody. */
export function tokenOf(subject: string, serial = 0): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ sub: subject, tenant: TENANT, jti: serial })}.`;
}

/** Speaks the protocol from memory, and makes the faults that a test asks for. */
export class FakeRelay {
  readonly frames: ClientFrame[] = [];
  /** Answers this request with a refusal instead, when it returns one. */
  refuse: (frame: ClientFrame) => ErrorInit | undefined = () => undefined;
  /** Cuts the connection instead of answering, after the request was carried out. */
  cutInsteadOfAnswer: (frame: ClientFrame) => boolean = () => false;
  /** How often a live entry is delivered. */
  deliveries: (seq: number) => number = () => 1;
  /** Whether members are told of a change besides its entry in the log. */
  hints = true;
  tokenLifeMs = 3_600_000;
  readonly #http: Server;
  readonly #peers = new Set<Peer>();
  readonly #logs = new Map<string, Log>();
  readonly #versions = new Map<Uid, bigint>();

  constructor(site: RequestListener = (_, response) => response.writeHead(404).end()) {
    this.#http = createServer(site);
    const handleProtocols = (offered: Set<string>) => (offered.has("e2r.v1.pb") ? "e2r.v1.pb" : false);
    const sockets = new WebSocketServer({ server: this.#http, path: "/v1/connect", handleProtocols });
    sockets.on("connection", (socket) => this.#accept(socket));
  }

  async start(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.#http.listen(port, "127.0.0.1", resolve));
    return (this.#http.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}/v1/connect`;
  }

  async stop(): Promise<void> {
    this.cut();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  /** Closes every connection with this code, or just breaks them. */
  cut(code?: number): void {
    for (const { socket } of this.#peers) {
      if (code === undefined) {
        socket.terminate();
      } else {
        socket.close(code);
      }
    }
  }

  requests(kind: ClientFrame["body"]["case"]): ClientFrame[] {
    return this.frames.filter(({ body }) => body.case === kind);
  }

  logOf(id: Uint8Array): readonly EntryBody[] {
    return this.#logs.get(idOf(id))?.entries ?? [];
  }

  #accept(socket: WebSocket): void {
    const peer: Peer = { socket, uid: undefined, subject: "", device: "", subscribed: new Set() };
    this.#peers.add(peer);
    socket.on("close", () => this.#peers.delete(peer));
    socket.on("message", (data) => void this.#received(peer, data as Buffer));
    this.#write(peer, 0n, { case: "challenge", value: { nonce: randomBytes(32), helloWithinMs: 5_000 } });
  }

  async #received(peer: Peer, data: Buffer): Promise<void> {
    const frame = fromBinary(ClientFrameSchema, data);
    this.frames.push(frame);
    const refusal = this.refuse(frame);
    const answer: Body = refusal ? { case: "error", value: refusal } : await this.#answer(peer, frame);
    if (this.cutInsteadOfAnswer(frame)) {
      peer.socket.terminate();
      return;
    }
    this.#write(peer, frame.id, answer);
    if (frame.body.case === "hello" && answer.case === "error") {
      peer.socket.close(answer.value?.code === TOKEN_INVALID.code ? 4502 : 4401);
    } else if (frame.body.case === "subscribe" && answer.case === "subscribed") {
      frame.body.value.cursors.forEach((cursor) => this.#replay(peer, cursor));
    }
  }

  async #answer(peer: Peer, { body }: ClientFrame): Promise<Body> {
    if (body.case === "hello") {
      return this.#hello(peer, body.value.token, idOf(body.value.deviceId));
    }
    if (peer.uid === undefined) {
      return { case: "error", value: { code: 102, name: "HELLO_FIRST", advice: Advice.FIX_CLIENT } };
    }
    const refused: Body = { case: "error", value: NOT_A_MEMBER };
    switch (body.case) {
      case "refreshToken":
        return { case: "tokenRefreshed", value: { tokenExpiresMs: BigInt(Date.now() + this.tokenLifeMs) } };
      case "createConversation":
        return this.#createConversation(peer, body.value.members);
      case "listConversations": {
        const mine = [...this.#logs.values()].map(({ info }) => info).filter((info) => isIn(info, peer.uid));
        const userVersion = this.#versions.get(peer.uid) ?? 0n;
        return { case: "conversationPage", value: { conversations: mine, more: false, userVersion } };
      }
      case "joinConversation": {
        const log = this.#logs.get(idOf(body.value.conversationId));
        if (log === undefined || !Buffer.from(log.info.linkSecret).equals(body.value.linkSecret)) {
          return refused;
        }
        if (!isIn(log.info, peer.uid)) {
          this.#change(
            log,
            [...log.info.members, member(peer.uid, peer.subject)],
            ChangeKind.JOINED,
            peer.uid,
            peer.uid,
          );
        }
        return { case: "conversation", value: log.info };
      }
    }
    const conversationId =
      body.value && "conversationId" in body.value ? body.value.conversationId : undefined;
    const log = conversationId && this.#logs.get(idOf(conversationId));
    if (body.case !== "subscribe" && body.case !== "unsubscribe" && (!log || !isIn(log.info, peer.uid))) {
      return refused;
    }
    switch (body.case) {
      case "getConversation":
        return { case: "conversation", value: log!.info };
      case "addMembers": {
        const added = body.value.members.map((uid) => member(idOf(uid), this.#subjectOf(idOf(uid))));
        const uid = idOf<Uid>(body.value.members[0]!);
        this.#change(log!, [...log!.info.members, ...added], ChangeKind.ADDED, uid, peer.uid);
        return { case: "conversation", value: log!.info };
      }
      case "leave": {
        const rest = log!.info.members.filter(({ uid }) => idOf(uid) !== peer.uid);
        this.#change(log!, rest, ChangeKind.LEFT, peer.uid, peer.uid);
        return { case: "done", value: {} };
      }
      case "send":
        return this.#send(log!, peer, body.value);
      case "fetch":
        return this.#page(log!, body.value);
      case "subscribe":
        return {
          case: "subscribed",
          value: { results: body.value.cursors.map((at) => this.#subscribe(peer, at)) },
        };
      default:
        return { case: "done", value: {} };
    }
  }

  async #hello(peer: Peer, token: string, device: string): Promise<Body> {
    const claims = token.split(".")[1] ?? "";
    try {
      peer.subject = (JSON.parse(Buffer.from(claims, "base64url").toString()) as { sub: string }).sub;
    } catch {
      return { case: "error", value: TOKEN_INVALID };
    }
    peer.uid = await uidOf(TENANT, peer.subject);
    peer.device = device;
    const value = {
      tenant: bytesOf(TENANT),
      uid: bytesOf(peer.uid),
      sessionId: randomBytes(16),
      tokenExpiresMs: BigInt(Date.now() + this.tokenLifeMs),
      userVersion: this.#versions.get(peer.uid) ?? 0n,
      limits: { bodyBytes: 67_584, requestsInFlight: 16, subscriptions: 1_000 },
      capabilities: ["open"],
    };
    return { case: "welcome", value };
  }

  #createConversation(peer: Peer, others: Uint8Array[]): Body {
    const info = create(ConversationSchema, {
      conversationId: randomBytes(32),
      level: TrustLevel.OPEN,
      linkSecret: randomBytes(16),
      createdMs: BigInt(Date.now()),
    });
    const log: Log = { info, entries: [], bySent: new Map() };
    this.#logs.set(idOf(info.conversationId), log);
    const members = [
      member(peer.uid!, peer.subject, Role.ADMIN),
      ...others.map((uid) => member(idOf(uid), this.#subjectOf(idOf(uid)))),
    ];
    this.#change(log, members, ChangeKind.CREATED, peer.uid!, peer.uid!);
    return { case: "conversation", value: log.info };
  }

  #change(log: Log, members: Member[], kind: ChangeKind, uid: Uid, by: Uid): void {
    const before = log.info.members;
    const { conversationId } = log.info;
    log.info = create(ConversationSchema, { ...log.info, epoch: log.info.epoch + 1n, members });
    const changes: MessageInitShape<typeof MemberChangeSchema>[] = [
      { kind, uid: bytesOf(uid), by: bytesOf(by) },
    ];
    const { epoch } = log.info;
    const seq = BigInt(log.entries.length + 1);
    const value = { conversationId, seq, epoch, receivedMs: BigInt(Date.now()), changes };
    this.#append(log, { case: "control", value });
    for (const one of [...before, ...log.info.members]) {
      this.#versions.set(idOf(one.uid), (this.#versions.get(idOf(one.uid)) ?? 0n) + 1n);
    }
    for (const peer of this.#peers) {
      if (isIn(log.info, peer.uid) && this.hints) {
        const userVersion = this.#versions.get(peer.uid!) ?? 0n;
        this.#write(peer, 0n, { case: "conversationChanged", value: { conversationId, userVersion } });
      } else if (!isIn(log.info, peer.uid) && before.some((one) => idOf(one.uid) === peer.uid)) {
        peer.subscribed.delete(idOf(conversationId));
        this.#write(peer, 0n, { case: "memberRemoved", value: { conversationId } });
      }
    }
  }

  #send(log: Log, peer: Peer, { msgId, body }: Send): Body {
    const key = `${peer.device} ${idOf(msgId)}`;
    const known = log.bySent.get(key);
    const seq = known ?? log.entries.length + 1;
    const receivedMs = BigInt(Date.now());
    if (known === undefined) {
      log.bySent.set(key, seq);
      const value = {
        conversationId: log.info.conversationId,
        seq: BigInt(seq),
        epoch: log.info.epoch,
        uid: bytesOf(peer.uid!),
        deviceId: Buffer.from(peer.device, "hex"),
        msgId,
        receivedMs,
        body,
      };
      this.#append(log, { case: "message", value });
    }
    const sent = { seq: BigInt(seq), epoch: log.info.epoch, receivedMs, duplicate: known !== undefined };
    return { case: "sent", value: sent };
  }

  #append(log: Log, entry: EntryBody): void {
    log.entries.push(entry);
    const times = this.deliveries(log.entries.length);
    for (const peer of this.#peers) {
      for (let i = 0; i < times && peer.subscribed.has(idOf(log.info.conversationId)); i++) {
        this.#write(peer, 0n, entry as Body);
      }
    }
  }

  #page(log: Log, { conversationId, afterSeq, uptoSeq, limit }: Fetch): Body {
    const upto = uptoSeq === 0n ? log.entries.length : Math.min(Number(uptoSeq), log.entries.length);
    const through = Math.min(upto, Number(afterSeq) + Math.min(limit || PAGE_ENTRIES, PAGE_ENTRIES));
    const entries = log.entries.slice(Number(afterSeq), through).map((body) => ({ body }));
    const lastSeq = BigInt(log.entries.length);
    return { case: "page", value: { conversationId, entries, throughSeq: BigInt(through), lastSeq } };
  }

  #subscribe(peer: Peer, { conversationId }: Cursor): { conversationId: Uint8Array; error?: ErrorInit } {
    const log = this.#logs.get(idOf(conversationId));
    return log !== undefined && isIn(log.info, peer.uid)
      ? { conversationId }
      : { conversationId, error: NOT_A_MEMBER };
  }

  #replay(peer: Peer, { conversationId, afterSeq }: Cursor): void {
    const log = this.#logs.get(idOf(conversationId));
    if (log !== undefined && isIn(log.info, peer.uid)) {
      peer.subscribed.add(idOf(conversationId));
      log.entries.slice(Number(afterSeq)).forEach((entry) => this.#write(peer, 0n, entry as Body));
      const lastSeq = BigInt(log.entries.length);
      this.#write(peer, 0n, { case: "caughtUp", value: { conversationId, lastSeq } });
    }
  }

  #subjectOf(uid: Uid): string {
    return [...this.#peers].find((peer) => peer.uid === uid)?.subject ?? "";
  }

  #write(peer: Peer, replyTo: bigint, body: Body): void {
    const frame = create(ServerFrameSchema, { replyTo, serverMs: BigInt(Date.now()), body });
    peer.socket.send(toBinary(ServerFrameSchema, frame));
  }
}

function member(uid: Uid, subject: string, role = Role.MEMBER): Member {
  return create(MemberSchema, { uid: bytesOf(uid), role, state: MemberState.ACTIVE, subject });
}

function isIn(info: Conversation, uid: Uid | undefined): boolean {
  return info.members.some((one) => idOf(one.uid) === uid);
}
