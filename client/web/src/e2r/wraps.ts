// SPDX-License-Identifier: Apache-2.0
// The four uses of wrapping. What a wrap is for stands in its info, so that none can be taken for another.
import { type Bytes, bytesOf, type ConversationId, type DeviceId, type TenantId, type Uid } from "../ids.ts";
import { join, label, u32, u64, u8 } from "./bytes.ts";
import { type Reading, read, unreadable } from "./fault.ts";
import { sha256 } from "./hash.ts";
import { unwrap, wrapWith } from "./hpke.ts";
import {
  type AgreementKeys,
  importAgreementKeys,
  importSigningKeys,
  PRIVATE_KEY_BYTES,
  readSealKey,
  SEAL_KEY_BYTES,
  type SealKey,
  type SigningKeys,
} from "./keys.ts";
import { type Randomness, SECURE } from "./randomness.ts";
import { Secret } from "./secret.ts";

const NOTHING = new Uint8Array(0);
const CONVERSATION = label("e2r/1/wrap");
const DEVICE = label("e2r/1/dev-wrap");
const ACCOUNT = label("e2r/1/ark-wrap");
const SELF = label("e2r/1/self-wrap");

/** Whose wrap of which conversation's key it is. */
export interface ConversationWrap {
  readonly conversation: ConversationId;
  readonly epoch: number;
  readonly uid: Uid;
  readonly aekGen: number;
  /** The epoch_hash of the epoch; in a grant the grant's hash. */
  readonly hash: Bytes;
}

/** Which device's wrap of which generation of the user's key it is. */
export interface DeviceWrap {
  readonly tenant: TenantId;
  readonly uid: Uid;
  readonly device: DeviceId;
  readonly aekGen: number;
  readonly recordHash: Bytes;
}

/** Which device's wrap of the account's root it is; only accounts without a backup have such. */
export interface AccountWrap {
  readonly tenant: TenantId;
  readonly uid: Uid;
  readonly device: DeviceId;
  readonly recordHash: Bytes;
}

/** Which of a user's own blobs the key is for. */
export interface SelfWrap {
  readonly tenant: TenantId;
  readonly uid: Uid;
  readonly kind: number;
  readonly counter: number;
}

/** A conversation's new key: to be wrapped for every member, then forgotten. */
export function newConversationSecret(): Secret {
  return newConversationSecretWith(SECURE);
}

export function newConversationSecretWith(randomness: Randomness): Secret {
  return new Secret(randomness.bytes(SEAL_KEY_BYTES));
}

export function wrapConversationKey(key: Secret, aekPub: Bytes, what: ConversationWrap): Promise<Bytes> {
  return wrapConversationKeyWith(SECURE, key, aekPub, what);
}

export async function wrapConversationKeyWith(
  randomness: Randomness,
  key: Secret,
  aekPub: Bytes,
  what: ConversationWrap,
): Promise<Bytes> {
  const info = await conversationInfo(aekPub, what);
  return wrapWith(randomness, aekPub, info, what.hash, checked(key, SEAL_KEY_BYTES));
}

/** The key of an epoch for use: it cannot be exported. Compare it with the epoch's commitment before using it. */
export async function openConversationKey(
  aek: AgreementKeys,
  what: ConversationWrap,
  wrapped: Bytes,
): Promise<Reading<SealKey>> {
  const secret = await revealConversationKey(aek, what, wrapped);
  if (!secret.ok) {
    return secret;
  }
  const key = await readSealKey(secret.value.reveal());
  secret.value.wipe();
  return key;
}

/** The key of an epoch as bytes, for the moment in which it is wrapped for somebody else. */
export async function revealConversationKey(
  aek: AgreementKeys,
  what: ConversationWrap,
  wrapped: Bytes,
): Promise<Reading<Secret>> {
  return secretOf(
    await unwrap(aek, await conversationInfo(aek.publicKey, what), what.hash, wrapped),
    SEAL_KEY_BYTES,
  );
}

export function wrapUserKey(aek: Secret, dekPub: Bytes, what: DeviceWrap): Promise<Bytes> {
  return wrapUserKeyWith(SECURE, aek, dekPub, what);
}

export async function wrapUserKeyWith(
  randomness: Randomness,
  aek: Secret,
  dekPub: Bytes,
  what: DeviceWrap,
): Promise<Bytes> {
  const info = await deviceInfo(dekPub, what);
  return wrapWith(randomness, dekPub, info, what.recordHash, checked(aek, PRIVATE_KEY_BYTES));
}

/** The user's key of a generation for use: KEY_MISMATCH unless it belongs to the public key in the record. */
export async function openUserKey(
  dek: AgreementKeys,
  what: DeviceWrap,
  aekPub: Bytes,
  wrapped: Bytes,
): Promise<Reading<AgreementKeys>> {
  const secret = await revealUserKey(dek, what, wrapped);
  return secret.ok ? importAndWipe(secret.value, aekPub, importAgreementKeys) : secret;
}

/** The user's key as bytes, for wrapping it for a new device or putting it into a backup; not yet compared. */
export async function revealUserKey(
  dek: AgreementKeys,
  what: DeviceWrap,
  wrapped: Bytes,
): Promise<Reading<Secret>> {
  return secretOf(
    await unwrap(dek, await deviceInfo(dek.publicKey, what), what.recordHash, wrapped),
    PRIVATE_KEY_BYTES,
  );
}

export function wrapAccountKey(ark: Secret, dekPub: Bytes, what: AccountWrap): Promise<Bytes> {
  return wrapAccountKeyWith(SECURE, ark, dekPub, what);
}

export function wrapAccountKeyWith(
  randomness: Randomness,
  ark: Secret,
  dekPub: Bytes,
  what: AccountWrap,
): Promise<Bytes> {
  return wrapWith(randomness, dekPub, accountInfo(what), what.recordHash, checked(ark, PRIVATE_KEY_BYTES));
}

/** The account's root for use: KEY_MISMATCH unless it belongs to the public key in the record. */
export async function openAccountKey(
  dek: AgreementKeys,
  what: AccountWrap,
  arkPub: Bytes,
  wrapped: Bytes,
): Promise<Reading<SigningKeys>> {
  const secret = await revealAccountKey(dek, what, wrapped);
  return secret.ok ? importAndWipe(secret.value, arkPub, importSigningKeys) : secret;
}

/** The account's root as bytes, for wrapping it for another device; not yet compared. */
export async function revealAccountKey(
  dek: AgreementKeys,
  what: AccountWrap,
  wrapped: Bytes,
): Promise<Reading<Secret>> {
  return secretOf(await unwrap(dek, accountInfo(what), what.recordHash, wrapped), PRIVATE_KEY_BYTES);
}

export function wrapSelfKey(key: Secret, aekPub: Bytes, what: SelfWrap): Promise<Bytes> {
  return wrapSelfKeyWith(SECURE, key, aekPub, what);
}

export async function wrapSelfKeyWith(
  randomness: Randomness,
  key: Secret,
  aekPub: Bytes,
  what: SelfWrap,
): Promise<Bytes> {
  return wrapWith(randomness, aekPub, await selfInfo(aekPub, what), NOTHING, checked(key, SEAL_KEY_BYTES));
}

export async function openSelfKey(
  aek: AgreementKeys,
  what: SelfWrap,
  wrapped: Bytes,
): Promise<Reading<SealKey>> {
  const secret = secretOf(
    await unwrap(aek, await selfInfo(aek.publicKey, what), NOTHING, wrapped),
    SEAL_KEY_BYTES,
  );
  if (!secret.ok) {
    return secret;
  }
  const key = await readSealKey(secret.value.reveal());
  secret.value.wipe();
  return key;
}

async function conversationInfo(aekPub: Bytes, what: ConversationWrap): Promise<Bytes> {
  const { conversation, epoch, uid, aekGen } = what;
  const user = bytesOf(uid);
  return join(CONVERSATION, bytesOf(conversation), u32(epoch), user, u32(aekGen), await sha256(aekPub));
}

async function deviceInfo(dekPub: Bytes, what: DeviceWrap): Promise<Bytes> {
  const whose = join(bytesOf(what.tenant), bytesOf(what.uid), bytesOf(what.device));
  return join(DEVICE, whose, u32(what.aekGen), await sha256(dekPub));
}

function accountInfo(what: AccountWrap): Bytes {
  return join(ACCOUNT, bytesOf(what.tenant), bytesOf(what.uid), bytesOf(what.device));
}

async function selfInfo(aekPub: Bytes, what: SelfWrap): Promise<Bytes> {
  const whose = join(bytesOf(what.tenant), bytesOf(what.uid));
  return join(SELF, whose, u8(what.kind), u64(what.counter), await sha256(aekPub));
}

function checked(secret: Secret, length: number): Bytes {
  if (secret.length !== length) {
    throw new RangeError(`a secret of ${length} bytes is wrapped here, not one of ${secret.length}`);
  }
  return secret.reveal();
}

function secretOf(opened: Reading<Bytes>, length: number): Reading<Secret> {
  if (!opened.ok) {
    return opened;
  }
  return opened.value.length === length ? read(new Secret(opened.value)) : unreadable("CANNOT_OPEN");
}

async function importAndWipe<Keys>(
  secret: Secret,
  expected: Bytes,
  importKeys: (secret: Secret, expected: Bytes) => Promise<Reading<Keys>>,
): Promise<Reading<Keys>> {
  const keys = await importKeys(secret, expected);
  secret.wipe();
  return keys;
}
