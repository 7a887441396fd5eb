// SPDX-License-Identifier: Apache-2.0
import { Advice, type Error as WireError } from "./generated/e2relay/v1/frames_pb.ts";

/** What to do about a refusal. */
export type AdviceName = "RETRY" | "REFRESH_KEYS" | "ROTATE" | "REAUTH" | "FIX_CLIENT" | "GIVE_UP";

/** The service refused; branch on the advice, show the name. */
export class RelayError extends Error {
  override readonly name: string;
  readonly code: number;
  readonly advice: AdviceName;
  /** With RETRY: not before this many milliseconds; 0 leaves it to the client. */
  readonly retryAfterMs: number;

  constructor(code: number, name: string, advice: AdviceName, message: string, retryAfterMs = 0) {
    super(message);
    this.code = code;
    this.name = name;
    this.advice = advice;
    this.retryAfterMs = retryAfterMs;
  }

  static of(error: WireError): RelayError {
    return new RelayError(error.code, error.name, adviceOf(error.advice), error.message, error.retryAfterMs);
  }
}

/** There is no connection (any more), so there is no answer either: nothing may be concluded about the request. */
export class DisconnectedError extends Error {
  override readonly name = "DisconnectedError";
  /** The WebSocket's close code; 1006 where the connection just broke, or never came about. */
  readonly closeCode: number;
  /** What the service said before it closed. */
  readonly refusal: RelayError | undefined;

  constructor(closeCode: number, message: string, refusal?: RelayError) {
    super(message);
    this.closeCode = closeCode;
    this.refusal = refusal;
  }
}

/** 4000 to 4499 mean reconnect, 4500 to 4999 do not; what no service said (1001, 1006, 1012, …) is worth a try. */
export function mayReconnect(closeCode: number): boolean {
  return closeCode < 4500 || closeCode > 4999;
}

// An advice that this release does not know comes from a newer service: trying the same again would not help.
function adviceOf(advice: Advice): AdviceName {
  switch (advice) {
    case Advice.RETRY:
      return "RETRY";
    case Advice.REFRESH_KEYS:
      return "REFRESH_KEYS";
    case Advice.ROTATE:
      return "ROTATE";
    case Advice.REAUTH:
      return "REAUTH";
    case Advice.FIX_CLIENT:
      return "FIX_CLIENT";
    case Advice.GIVE_UP:
    case Advice.UNSPECIFIED:
      return "GIVE_UP";
  }
  return "GIVE_UP";
}
