// SPDX-License-Identifier: Apache-2.0
import { type DeviceId, newDeviceId, parseDeviceId, RelayError } from "../src/index.ts";

/** Who uses this tab, and how they get tokens. */
export interface Identity {
  readonly name: string;
  readonly deviceId: DeviceId;
  token(): Promise<string>;
}

export type IssuerAnswer =
  | { readonly kind: "identity"; readonly identity: Identity }
  | { readonly kind: "no issuer" }
  | { readonly kind: "refused"; readonly why: string };

interface Claims {
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
}

interface Kept {
  readonly name: string;
  readonly token: string;
  readonly pasted: boolean;
}

// The tab's own: another tab is another user, and closing the tab forgets the token.
const KEPT = "e2relay.identity";
const ISSUER = "/dev/token";

export async function signIn(name: string): Promise<IssuerAnswer> {
  let response: Response;
  try {
    response = await askIssuer(name);
  } catch {
    return { kind: "refused", why: "The service did not answer. Is it running?" };
  }
  if (response.status === 404) {
    return { kind: "no issuer" };
  }
  const token = response.ok ? await tokenIn(response) : undefined;
  if (token === undefined) {
    return { kind: "refused", why: `The service gave no token for this name (${response.status}).` };
  }
  return { kind: "identity", identity: keep({ name, token, pasted: false }) };
}

export function signInWith(token: string): Identity | undefined {
  const claims = claimsOf(token);
  return claims && keep({ name: claims.sub, token, pasted: true });
}

/** Who used this tab before it was loaded again. */
export function remembered(): Identity | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Partial<Kept> | null;
    if (
      typeof kept?.name === "string" &&
      typeof kept.token === "string" &&
      typeof kept.pasted === "boolean"
    ) {
      return identityOf({ name: kept.name, token: kept.token, pasted: kept.pasted });
    }
  } catch {
    sessionStorage.removeItem(KEPT);
  }
  return undefined;
}

export function forget(): void {
  sessionStorage.removeItem(KEPT);
}

function keep(kept: Kept): Identity {
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
  return identityOf(kept);
}

function identityOf(first: Kept): Identity {
  const { name } = first;
  let kept = first;
  return {
    name,
    deviceId: deviceOf(name),
    async token() {
      if (isFresh(kept.token)) {
        return kept.token;
      }
      if (kept.pasted) {
        if (isExpired(kept.token)) {
          throw new RelayError(111, "TOKEN_EXPIRED", "REAUTH", "The token that was pasted has expired.");
        }
        return kept.token;
      }
      const response = await askIssuer(name);
      const token = response.ok ? await tokenIn(response) : undefined;
      if (token === undefined) {
        throw new Error(`no token: ${response.status}`);
      }
      kept = { name, token, pasted: false };
      keep(kept);
      return token;
    },
  };
}

function askIssuer(name: string): Promise<Response> {
  return fetch(ISSUER, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name }),
    credentials: "omit",
    cache: "no-store",
  });
}

async function tokenIn(response: Response): Promise<string | undefined> {
  try {
    const { token } = (await response.json()) as { token?: unknown };
    return typeof token === "string" ? token : undefined;
  } catch {
    return undefined;
  }
}

/** A device is a browser profile: the same name in the same browser is the same device. */
function deviceOf(name: string): DeviceId {
  const key = `e2relay.device.${name}`;
  const known = parseDeviceId(localStorage.getItem(key));
  const device = known ?? newDeviceId();
  localStorage.setItem(key, device);
  return device;
}

// Only to know whom it names and when to ask for another; whether it is good is for the service to say.
function claimsOf(token: string): Claims | undefined {
  try {
    const part = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(part), (char) => char.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const { sub, iat, exp } = claims;
    return typeof sub === "string" && sub !== ""
      ? { sub, iat: typeof iat === "number" ? iat : 0, exp: typeof exp === "number" ? exp : Infinity }
      : undefined;
  } catch {
    return undefined;
  }
}

/** The SDK asks again when a fifth of a token's life is left: then it gets a new one, and not this one again. */
function isFresh(token: string): boolean {
  const { iat, exp } = claimsOf(token) ?? { iat: 0, exp: 0 };
  const now = Date.now() / 1_000;
  return exp === Infinity || exp - now > Math.max(5, (exp - iat) / 4);
}

function isExpired(token: string): boolean {
  return (claimsOf(token)?.exp ?? 0) * 1_000 <= Date.now();
}
