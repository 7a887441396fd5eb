// SPDX-License-Identifier: Apache-2.0
import {
  Connection,
  type ReplyCase,
  type ReplyOf,
  type RequestBody,
  type Socket,
  type SocketMaker,
} from "./connection.ts";
import { DisconnectedError, mayReconnect, RelayError } from "./errors.ts";
import type { ServerFrame, Welcome } from "./generated/e2relay/v1/frames_pb.ts";
import type { DeviceId } from "./ids.ts";

export type ConnectionState =
  | { readonly kind: "connecting" }
  | { readonly kind: "online" }
  | { readonly kind: "reconnecting"; readonly why: Error }
  /** For good: refused, or closed by the application (then without an error). */
  | { readonly kind: "stopped"; readonly error: Error | undefined };

export interface RelayOptions {
  /** For example wss://chat.example.org/v1/connect; of several, each try after a failure takes the next. */
  readonly url: string | readonly string[];
  readonly deviceId: DeviceId;
  /** A token that is good now: asked for before every Hello, and before the last one expires. A RelayError stops. */
  readonly token: () => Promise<string>;
  /** Where there is no global WebSocket: (url, subprotocol) => new WebSocket(url, [subprotocol]) of the package ws. */
  readonly socket?: SocketMaker;
  readonly answerWithinMs?: number;
  /** How long a request (not a message) is tried over reconnects before it fails. */
  readonly giveUpAfterMs?: number;
  readonly backoffFirstMs?: number;
  readonly backoffMostMs?: number;
  readonly random?: () => number;
}

export interface AskOptions {
  /** Never give up but for a refusal or the end of the client. */
  readonly patient?: boolean;
  /** Means nothing on the next connection: fails when this one ends. */
  readonly thisConnectionOnly?: boolean;
}

interface KeptListener {
  welcomed(welcome: Welcome): void;
  event(frame: ServerFrame): void;
  state(state: ConnectionState): void;
}

interface Asked {
  readonly body: RequestBody;
  readonly expected: ReplyCase;
  readonly thisConnectionOnly: boolean;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  deadline: ReturnType<typeof setTimeout> | undefined;
  retries: number;
  status: "ready" | "asked" | "later";
}

const STABLE_AFTER_MS = 5_000;
const IN_FLIGHT_MOST = 32;
const TIMER_MOST_MS = 2 ** 31 - 1;

/** Between half and the whole of a doubling wait, so that clients that lost a node together do not return together. */
export function backoffMs(failures: number, firstMs: number, mostMs: number, random: () => number): number {
  const whole = Math.min(mostMs, firstMs * 2 ** Math.min(failures, 20));
  return whole / 2 + random() * (whole / 2);
}

/** A connection that comes back by itself: what was asked and not answered is asked again, the very same. */
export class KeptConnection {
  readonly #options: Required<RelayOptions>;
  readonly #listener: KeptListener;
  readonly #asked = new Set<Asked>();
  #state: ConnectionState = { kind: "connecting" };
  #connection: Connection | undefined;
  #online: Connection | undefined;
  #tries = 0;
  #inFlight = 0;
  #inFlightMost = 1;
  #wakeUp: () => void = () => undefined;
  #refresh: ReturnType<typeof setTimeout> | undefined;
  /** The service's clock against this page's. */
  #serverAheadMs = 0;

  constructor(options: RelayOptions, listener: KeptListener) {
    this.#options = {
      socket: globalSocket,
      answerWithinMs: 15_000,
      giveUpAfterMs: 30_000,
      backoffFirstMs: 100,
      backoffMostMs: 10_000,
      random: Math.random,
      ...options,
    };
    this.#listener = listener;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  start(): void {
    void this.#keep();
  }

  stop(error?: Error): void {
    if (this.#state.kind === "stopped") {
      return;
    }
    this.#become({ kind: "stopped", error });
    clearTimeout(this.#refresh);
    this.#connection?.close();
    this.#wakeUp();
    for (const asked of [...this.#asked]) {
      this.#settle(asked, () => asked.reject(error ?? new DisconnectedError(1000, "the client was closed")));
    }
  }

  /** Something says that the network is back or was away: try now, or find out whether the connection still lives. */
  retryNow(): void {
    this.#wakeUp();
    // An unanswered request ends the connection; which one does not matter.
    this.#online
      ?.request({ case: "listConversations", value: { limit: 1 } }, "conversationPage")
      .catch(() => undefined);
  }

  ask<Case extends ReplyCase>(
    body: RequestBody,
    expected: Case,
    how: AskOptions = {},
  ): Promise<ReplyOf<Case>> {
    return new Promise((resolve, reject) => {
      if (this.#state.kind === "stopped") {
        reject(this.#state.error ?? new DisconnectedError(1000, "the client was closed"));
        return;
      }
      const asked: Asked = {
        body,
        expected,
        thisConnectionOnly: how.thisConnectionOnly ?? false,
        resolve: resolve as (value: never) => void,
        reject,
        deadline: undefined,
        retries: 0,
        status: "ready",
      };
      if (!how.patient) {
        const late = () => reject(new DisconnectedError(1006, "no answer in time"));
        asked.deadline = setTimeout(() => this.#settle(asked, late), this.#options.giveUpAfterMs);
      }
      this.#asked.add(asked);
      this.#flush();
    });
  }

  async #keep(): Promise<void> {
    let failures = 0;
    while (!this.#isStopped()) {
      const began = performance.now();
      let why: Error;
      try {
        why = await this.#once();
      } catch (error) {
        why = error as Error;
      }
      if (this.#isStopped()) {
        return;
      }
      if (why instanceof RelayError || (why instanceof DisconnectedError && !mayReconnect(why.closeCode))) {
        this.stop(why instanceof DisconnectedError ? (why.refusal ?? why) : why);
        return;
      }
      this.#tries++;
      failures = performance.now() - began >= STABLE_AFTER_MS ? 0 : failures + 1;
      this.#become({ kind: "reconnecting", why });
      const { backoffFirstMs, backoffMostMs, random } = this.#options;
      await this.#pause(backoffMs(failures, backoffFirstMs, backoffMostMs, random));
    }
  }

  /** One connection, from its token to its end. */
  async #once(): Promise<Error> {
    const { url, deviceId, socket, answerWithinMs } = this.#options;
    const token = await this.#options.token();
    if (this.#isStopped()) {
      return new DisconnectedError(1000, "the client was closed");
    }
    const urls = typeof url === "string" ? [url] : url;
    const connection = new Connection({
      // Where it was good it stays; each try after a failure takes the next.
      url: urls[this.#tries % urls.length] ?? "",
      token,
      deviceId,
      socket,
      answerWithinMs,
      onEvent: (frame) => this.#listener.event(frame),
    });
    this.#connection = connection;
    const { welcome, serverMs } = await connection.welcomed;
    this.#online = connection;
    this.#inFlight = 0;
    this.#inFlightMost = Math.max(1, Math.min(IN_FLIGHT_MOST, welcome.limits?.requestsInFlight ?? 1));
    this.#serverAheadMs = serverMs - performance.now();
    this.#refreshBefore(Number(welcome.tokenExpiresMs));
    this.#become({ kind: "online" });
    this.#listener.welcomed(welcome);
    this.#flush();
    const why = await connection.closed;
    this.#online = undefined;
    clearTimeout(this.#refresh);
    return why;
  }

  #flush(): void {
    const connection = this.#online;
    if (connection === undefined) {
      return;
    }
    for (const asked of this.#asked) {
      if (this.#inFlight >= this.#inFlightMost) {
        return;
      }
      if (asked.status === "ready") {
        this.#inFlight++;
        void this.#put(connection, asked);
      }
    }
  }

  async #put(connection: Connection, asked: Asked): Promise<void> {
    asked.status = "asked";
    try {
      const value = await connection.request(asked.body, asked.expected);
      this.#settle(asked, () => asked.resolve(value as never));
    } catch (error) {
      if (error instanceof DisconnectedError && !asked.thisConnectionOnly) {
        asked.status = "ready";
      } else if (error instanceof RelayError && error.advice === "RETRY") {
        this.#later(asked, error.retryAfterMs);
      } else {
        this.#settle(asked, () => asked.reject(error as Error));
      }
    }
    if (connection === this.#online) {
      this.#inFlight--;
      this.#flush();
    }
  }

  #later(asked: Asked, retryAfterMs: number): void {
    const { backoffFirstMs, backoffMostMs, random } = this.#options;
    asked.status = "later";
    const wait = Math.max(retryAfterMs, backoffMs(asked.retries++, backoffFirstMs, backoffMostMs, random));
    setTimeout(() => {
      asked.status = "ready";
      this.#flush();
    }, wait);
  }

  #settle(asked: Asked, tell: () => void): void {
    if (this.#asked.delete(asked)) {
      clearTimeout(asked.deadline);
      tell();
    }
  }

  #refreshBefore(expiresMs: number): void {
    clearTimeout(this.#refresh);
    const lifetimeMs = expiresMs - (performance.now() + this.#serverAheadMs);
    const wait = Math.min(TIMER_MOST_MS, Math.max(1_000, lifetimeMs * 0.8));
    this.#refresh = setTimeout(() => void this.#refreshToken(expiresMs), wait);
  }

  async #refreshToken(expiresMs: number): Promise<void> {
    try {
      const token = await this.#options.token();
      const body: RequestBody = { case: "refreshToken", value: { token } };
      const refreshed = Number(
        (await this.ask(body, "tokenRefreshed", { thisConnectionOnly: true })).tokenExpiresMs,
      );
      // The same token again: when it expires the service closes, and the next Hello needs a new one.
      if (refreshed > expiresMs) {
        this.#refreshBefore(refreshed);
      }
    } catch (error) {
      if (error instanceof DisconnectedError || this.#isStopped()) {
        return;
      }
      // No new token yet: the old one still has a fifth of its life.
      this.#refresh = setTimeout(() => void this.#refreshToken(expiresMs), 10_000);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #become(state: ConnectionState): void {
    this.#state = state;
    this.#listener.state(state);
  }

  #isStopped(): boolean {
    return this.#state.kind === "stopped";
  }
}

function globalSocket(url: string, subprotocol: string): Socket {
  return new WebSocket(url, [subprotocol]) as Socket;
}
