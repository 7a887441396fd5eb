// SPDX-License-Identifier: Apache-2.0
// People with accounts and devices, and a conversation of theirs, for the tests of attacks.
import assert from "node:assert/strict";
import { type Bytes, idOf, randomBytes, type TenantId, type Uid } from "../src/ids.ts";
import type { Fault, Reading } from "../src/e2r/fault.ts";
import type { DeviceKeys } from "../src/e2r/key-store.ts";
import {
  type AgreementKeys,
  type Fresh,
  generateAccountKeys,
  generateUserKeys,
  type SealKey,
  type SigningKeys,
} from "../src/e2r/keys.ts";
import { accountMaker, type MadeAccount } from "../src/e2r/making/account.ts";
import {
  type ConversationSettings,
  conversationMaker,
  type MadeConversation,
  type RosterMember,
} from "../src/e2r/making/conversation.ts";
import { newDevice, offerDevice } from "../src/e2r/making/devices.ts";
import type { Sender } from "../src/e2r/making/messages.ts";
import { openEpoch, type Recipient } from "../src/e2r/making/opening.ts";
import type { AccountChain } from "../src/e2r/verify/account-chain.ts";
import type { EpochLink } from "../src/e2r/verify/epoch-chain.ts";

export const NOW = 1_800_000_000_000;
export const HOUR = 60 * 60 * 1000;
export const TENANT = idOf<TenantId>(new Uint8Array(16).fill(0x7e));

export interface Person {
  readonly uid: Uid;
  readonly ark: Fresh<SigningKeys>;
  readonly device: DeviceKeys;
  readonly account: AccountChain;
  /** By generation. */
  readonly keys: ReadonlyMap<number, AgreementKeys>;
  readonly aek: Fresh<AgreementKeys>;
}

export async function person(): Promise<Person> {
  const uid = idOf<Uid>(randomBytes(16));
  const [ark, aek, device] = await Promise.all([generateAccountKeys(), generateUserKeys(), newDevice()]);
  const offer = await offerDevice(device, { tenant: TENANT, uid, arkPub: ark.keys.publicKey });
  const made = await accountMaker.create(TENANT, uid, ark.keys, aek, [offer], NOW);
  return { uid, ark, device, account: made.chain, keys: new Map([[1, aek.keys]]), aek };
}

/** The person after a record with another user's key. */
export function after(before: Person, made: MadeAccount, aek: Fresh<AgreementKeys> = before.aek): Person {
  const gen = made.record.statement.aekGen;
  return { ...before, account: made.chain, aek, keys: new Map([...before.keys, [gen, aek.keys]]) };
}

export function accountsOf(...people: readonly Person[]): ReadonlyMap<Uid, AccountChain> {
  return new Map(people.map(({ uid, account }) => [uid, account]));
}

export function actor({ device, account }: Person) {
  return { keys: device, account };
}

export function recipient({ account, keys }: Person): Recipient {
  return { account, keys };
}

export function active({ uid }: Person, role: RosterMember["role"] = "member"): RosterMember {
  return { uid, role, state: "active" };
}

export const SETTINGS: ConversationSettings = {
  type: "group",
  history: "full",
  addPolicy: "any-member",
  rewrap: "ask",
  initialTtlS: 0,
};

/** A conversation of these people, the first of them its creator and admin. */
export function conversationOf(
  people: readonly [Person, ...Person[]],
  settings: Partial<ConversationSettings> = {},
): Promise<MadeConversation> {
  const roster = people.map((member, i) => active(member, i === 0 ? "admin" : "member"));
  const all = accountsOf(...people);
  return conversationMaker.start(actor(people[0]), { ...SETTINGS, ...settings }, roster, all, NOW);
}

export function sender({ uid, device }: Person, epoch: EpochLink): Sender {
  return { uid, keys: device, epoch };
}

/** The key of an epoch as a member opens it. */
export async function keyFor(member: Person, made: MadeConversation): Promise<SealKey> {
  return value(await openEpoch(made.link, recipient(member), made.wraps.get(member.uid) as Bytes));
}

export function value<T>(
  reading: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault },
): T {
  assert.ok(reading.ok, reading.ok ? "" : reading.fault);
  return reading.value;
}

export function fault(
  reading: { readonly ok: true } | { readonly ok: false; readonly fault: Fault },
): Fault | undefined {
  return reading.ok ? undefined : reading.fault;
}

export function assertFault(reading: Reading<unknown>, expected: Fault, what = ""): void {
  assert.equal(fault(reading), expected, what);
}

export function text(content: string): Bytes {
  return Uint8Array.of(0, 1, ...new TextEncoder().encode(content));
}

/** The bytes with one of them changed. */
export function flipped(bytes: Uint8Array, at: number, by = 1): Bytes {
  const changed = new Uint8Array(bytes);
  changed[at] = (changed[at] as number) ^ by;
  return changed;
}
