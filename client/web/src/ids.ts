// SPDX-License-Identifier: Apache-2.0

declare const kind: unique symbol;
type Id<Kind extends string> = string & { readonly [kind]: Kind };

/** Ids are lower-case hex, so that they compare, sort and serve as keys; the wire carries their bytes. */
export type TenantId = Id<"tenant">;
export type Uid = Id<"uid">;
export type DeviceId = Id<"device">;
export type ConversationId = Id<"conversation">;
export type MsgId = Id<"message">;
type AnyId = TenantId | Uid | DeviceId | ConversationId | MsgId;

/** What crosses the wire and WebCrypto: bytes in a buffer of their own. */
export type Bytes = Uint8Array<ArrayBuffer>;

const UID_LABEL = new TextEncoder().encode("e2r/1/uid");
const LINK = /^([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{22})$/;

export function idOf<T extends AnyId>(bytes: Uint8Array): T {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") as T;
}

export function bytesOf(id: AnyId): Bytes {
  const bytes = new Uint8Array(id.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(id.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** A new name for a device (or browser profile): made once, and kept. */
export function newDeviceId(): DeviceId {
  return idOf(randomBytes(16));
}

/** A text that somebody stored, if it is a device id. */
export function parseDeviceId(text: string | null): DeviceId | undefined {
  return text !== null && /^[0-9a-f]{32}$/.test(text) ? (text as DeviceId) : undefined;
}

/** A text that came from outside, if it is a conversation id. */
export function parseConversationId(text: string): ConversationId | undefined {
  return /^[0-9a-f]{64}$/.test(text) ? (text as ConversationId) : undefined;
}

export function newMsgId(): MsgId {
  return idOf(randomBytes(16));
}

/** The uid of the host's user: derived, so that neither host nor service can map a name to another user. */
export async function uidOf(tenant: TenantId, subject: string): Promise<Uid> {
  const name = new TextEncoder().encode(subject);
  if (name.length > 0xffff) {
    throw new RangeError("a subject has at most 65535 bytes");
  }
  const input = new Uint8Array(1 + UID_LABEL.length + 16 + 2 + name.length);
  input[0] = UID_LABEL.length;
  input.set(UID_LABEL, 1);
  input.set(bytesOf(tenant), 1 + UID_LABEL.length);
  new DataView(input.buffer).setUint16(1 + UID_LABEL.length + 16, name.length);
  input.set(name, 1 + UID_LABEL.length + 16 + 2);
  return idOf<Uid>(new Uint8Array(await crypto.subtle.digest("SHA-256", input)).subarray(0, 16));
}

/** What somebody needs to join a conversation by themselves. */
export interface ConversationLink {
  readonly conversation: ConversationId;
  readonly secret: Bytes;
}

/** The link as it travels in the fragment of an address, which no browser sends to a server. */
export function formatLink(link: ConversationLink): string {
  return `${toBase64Url(bytesOf(link.conversation))}.${toBase64Url(link.secret)}`;
}

export function parseLink(text: string): ConversationLink | undefined {
  const match = LINK.exec(text);
  return match
    ? { conversation: idOf(fromBase64Url(match[1] as string)), secret: fromBase64Url(match[2] as string) }
    : undefined;
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}

function fromBase64Url(text: string): Bytes {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
