// SPDX-License-Identifier: Apache-2.0
import type { Bytes } from "../ids.ts";
import { AEAD_KEY_BYTES, aeadKey, decrypt, encrypt, NONCE_BYTES, TAG_BYTES } from "./aead.ts";
import { join, label, sameBytes, slice } from "./bytes.ts";
import { type Reading, unreadable } from "./fault.ts";
import { hkdf } from "./hash.ts";
import type { SealKey } from "./keys.ts";
import { type Randomness, SECURE } from "./randomness.ts";

export const SALT_BYTES = 32;
export const COMMITMENT_BYTES = 32;
/** How much longer what is sealed is than what is in it. */
export const SEAL_OVERHEAD_BYTES = SALT_BYTES + COMMITMENT_BYTES + TAG_BYTES;
const NOTHING = new Uint8Array(0);
const AEAD_LABEL = label("e2r/1/aead");

/** SEAL(key, label, context, plain). */
export function seal(key: SealKey, name: string, context: Bytes, plain: Bytes): Promise<Bytes> {
  return sealWith(SECURE, key, name, context, plain);
}

export async function sealWith(
  randomness: Randomness,
  key: SealKey,
  name: string,
  context: Bytes,
  plain: Bytes,
): Promise<Bytes> {
  const salt = randomness.bytes(SALT_BYTES);
  const parts = await derive(await onceKey(key, name, context, salt));
  const aad = join(context, salt, parts.commitment);
  const sealed = await encrypt(await aeadKey(parts.key, "encrypt"), parts.nonce, aad, plain);
  return join(salt, parts.commitment, sealed);
}

/** OPEN(key, label, context, sealed). Whatever is wrong, the answer is CANNOT_OPEN. */
export async function open(
  key: SealKey,
  name: string,
  context: Bytes,
  sealed: Bytes,
): Promise<Reading<Bytes>> {
  if (sealed.length < SEAL_OVERHEAD_BYTES) {
    return unreadable("CANNOT_OPEN");
  }
  const once = await onceKey(key, name, context, slice(sealed, 0, SALT_BYTES));
  return (await openOnce(once, context, sealed)) ?? unreadable("CANNOT_OPEN");
}

/** mk: the key of this one sealing. Who has it can open this and nothing else. */
export function onceKey(key: SealKey, name: string, context: Bytes, salt: Bytes): Promise<Bytes> {
  return hkdf(key, salt, join(label(name), context), SALT_BYTES);
}

/** Opens with mk alone; undefined if the sealed bytes are not committed to it. They are at least the overhead long. */
export async function openOnce(
  once: Bytes,
  context: Bytes,
  sealed: Bytes,
): Promise<Reading<Bytes> | undefined> {
  const head = SALT_BYTES + COMMITMENT_BYTES;
  const parts = await derive(once);
  if (!sameBytes(parts.commitment, slice(sealed, SALT_BYTES, head))) {
    return undefined;
  }
  const aad = join(context, slice(sealed, 0, head));
  return decrypt(await aeadKey(parts.key, "decrypt"), parts.nonce, aad, slice(sealed, head));
}

async function derive(once: Bytes): Promise<{ commitment: Bytes; key: Bytes; nonce: Bytes }> {
  const nonceAt = COMMITMENT_BYTES + AEAD_KEY_BYTES;
  const all = await hkdf(once, NOTHING, AEAD_LABEL, nonceAt + NONCE_BYTES);
  return {
    commitment: slice(all, 0, COMMITMENT_BYTES),
    key: slice(all, COMMITMENT_BYTES, nonceAt),
    nonce: slice(all, nonceAt),
  };
}
