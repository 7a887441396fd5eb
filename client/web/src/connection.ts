// SPDX-License-Identifier: Apache-2.0
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { DisconnectedError, RelayError } from "./errors.ts";
import {
  ClientFrameSchema,
  type ServerFrame,
  ServerFrameSchema,
  type Welcome,
} from "./generated/e2relay/v1/frames_pb.ts";
import { bytesOf, type DeviceId } from "./ids.ts";

export type RequestBody = NonNullable<MessageInitShape<typeof ClientFrameSchema>["body"]>;
type ServerBody = ServerFrame["body"];
export type ReplyCase = NonNullable<ServerBody["case"]>;
export type ReplyOf<Case extends ReplyCase> = Extract<ServerBody, { case: Case }>["value"];

/** The part of a WebSocket that is used here; browsers have it, and so has the package ws for Node. */
export interface Socket {
  binaryType: string;
  readonly readyState: number;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
}

export type SocketMaker = (url: string, subprotocol: string) => Socket;

export interface ConnectionOptions {
  readonly url: string;
  readonly token: string;
  readonly deviceId: DeviceId;
  readonly socket: SocketMaker;
  /** For Welcome, and for every answer: without one in time the connection counts as dead. */
  readonly answerWithinMs: number;
  readonly onEvent: (frame: ServerFrame) => void;
}

interface Waiting {
  readonly expected: ReplyCase;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

const SUBPROTOCOL = "e2r.v1.pb";
const CLIENT_NAME = "e2relay-web/0.1";
const HELLO_ID = 1n;
const BROKEN = 1006;
// Any code that a client may give; the service takes it for "no longer interested".
const NORMAL = 1000;

/** One WebSocket from its Challenge to its close: every request gets its own answer, or fails with the close. */
export class Connection {
  /** Settles once, with the reason of the end; never rejects. */
  readonly closed: Promise<DisconnectedError>;
  /** Resolves with the first frame after Hello; rejects when there was no Welcome. */
  readonly welcomed: Promise<{ welcome: Welcome; serverMs: number }>;

  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #waiting = new Map<bigint, Waiting>();
  #lastId = HELLO_ID;
  #refusal: RelayError | undefined;
  #ended = false;
  #tellClosed!: (reason: DisconnectedError) => void;
  #tellWelcomed!: (value: { welcome: Welcome; serverMs: number }) => void;
  #failWelcome!: (reason: DisconnectedError) => void;
  readonly #welcomeTimer: ReturnType<typeof setTimeout>;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.closed = new Promise((resolve) => (this.#tellClosed = resolve));
    this.welcomed = new Promise((resolve, reject) => {
      this.#tellWelcomed = resolve;
      this.#failWelcome = reject;
    });
    this.#socket = options.socket(options.url, SUBPROTOCOL);
    this.#welcomeTimer = setTimeout(() => this.#abort("no Welcome in time"), options.answerWithinMs);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onmessage = ({ data }) => this.#received(data);
    this.#socket.onclose = ({ code, reason }) => this.#end(code, reason || `closed with ${code}`);
    // A close always follows, and says as much as is known.
    this.#socket.onerror = () => undefined;
  }

  /** Asks once. Rejects with RelayError for a refusal and DisconnectedError when no answer can come any more. */
  request<Case extends ReplyCase>(body: RequestBody, expected: Case): Promise<ReplyOf<Case>> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(new DisconnectedError(BROKEN, "the connection is closed"));
        return;
      }
      const id = ++this.#lastId;
      const timer = setTimeout(() => this.#abort("no answer in time"), this.#options.answerWithinMs);
      this.#waiting.set(id, { expected, resolve: resolve as (value: never) => void, reject, timer });
      this.#write(id, body);
    });
  }

  close(): void {
    this.#socket.close(NORMAL);
    this.#end(NORMAL, "closed by this side");
  }

  #write(id: bigint, body: RequestBody): void {
    const frame = toBinary(ClientFrameSchema, create(ClientFrameSchema, { id, body }));
    this.#socket.send(frame as Uint8Array<ArrayBuffer>);
  }

  #received(data: unknown): void {
    if (this.#ended) {
      return;
    }
    if (!(data instanceof ArrayBuffer)) {
      this.#abort("a text frame on a binary connection");
      return;
    }
    let frame: ServerFrame;
    try {
      frame = fromBinary(ServerFrameSchema, new Uint8Array(data));
    } catch {
      this.#abort("a frame that is not one");
      return;
    }
    if (frame.replyTo === HELLO_ID) {
      this.#greeted(frame);
    } else if (frame.replyTo !== 0n) {
      this.#answered(frame);
    } else if (frame.body.case === "challenge") {
      this.#hello();
    } else if (frame.body.case === "error") {
      // Not of one request: the reason of the close that follows.
      this.#refusal = RelayError.of(frame.body.value);
    } else {
      this.#options.onEvent(frame);
    }
  }

  #hello(): void {
    const { token, deviceId } = this.#options;
    this.#write(HELLO_ID, {
      case: "hello",
      value: { token, deviceId: bytesOf(deviceId), client: CLIENT_NAME },
    });
  }

  #greeted(frame: ServerFrame): void {
    clearTimeout(this.#welcomeTimer);
    if (frame.body.case === "welcome") {
      this.#tellWelcomed({ welcome: frame.body.value, serverMs: Number(frame.serverMs) });
      return;
    }
    this.#refusal = frame.body.case === "error" ? RelayError.of(frame.body.value) : undefined;
    // The close code that follows says whether to come back; a service that does not close is left.
    setTimeout(() => this.#abort("Hello was refused"), 1_000);
  }

  #answered(frame: ServerFrame): void {
    const waiting = this.#waiting.get(frame.replyTo);
    if (waiting === undefined) {
      return;
    }
    this.#waiting.delete(frame.replyTo);
    clearTimeout(waiting.timer);
    if (frame.body.case === "error") {
      waiting.reject(RelayError.of(frame.body.value));
    } else if (frame.body.case === waiting.expected) {
      waiting.resolve(frame.body.value as never);
    } else {
      waiting.reject(new RelayError(0, "UNEXPECTED_REPLY", "GIVE_UP", `${frame.body.case ?? "nothing"}`));
    }
  }

  /** The other side is silent or speaks something else: do not wait for its part of the close. */
  #abort(why: string): void {
    this.#socket.close(NORMAL);
    this.#end(BROKEN, why);
  }

  #end(code: number, why: string): void {
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    clearTimeout(this.#welcomeTimer);
    const reason = new DisconnectedError(code, why, this.#refusal);
    this.#failWelcome(reason);
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(reason);
    }
    this.#waiting.clear();
    this.#tellClosed(reason);
  }
}
