// SPDX-License-Identifier: Apache-2.0
// HPKE of RFC 9180: base mode of DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, and nothing else of it.
import type { Bytes } from "../ids.ts";
import { AEAD_KEY_BYTES, aeadKey, decrypt, encrypt, NONCE_BYTES, TAG_BYTES } from "./aead.ts";
import { utf8, join, slice, u16, u8 } from "./bytes.ts";
import { type Reading, unreadable } from "./fault.ts";
import { derivationKey, HASH_BYTES, hkdf, hmac, hmacKey } from "./hash.ts";
import { type AgreementKeys, agree } from "./keys.ts";
import { POINT_BYTES } from "./point.ts";
import { type Randomness, SECURE } from "./randomness.ts";

/** How much longer a wrap is than what is in it. */
export const WRAP_OVERHEAD_BYTES = POINT_BYTES + TAG_BYTES;
const NOTHING = new Uint8Array(0);
const MODE_BASE = u8(0);
const VERSION = utf8("HPKE-v1");
const KEM = join(utf8("KEM"), u16(0x0010));
const SUITE = join(utf8("HPKE"), u16(0x0010), u16(0x0001), u16(0x0002));

/** WRAP(recipient, info, aad, plain): a context of its own each time, so that no nonce can come twice. */
export function wrap(recipient: Bytes, info: Bytes, aad: Bytes, plain: Bytes): Promise<Bytes> {
  return wrapWith(SECURE, recipient, info, aad, plain);
}

export async function wrapWith(
  randomness: Randomness,
  recipient: Bytes,
  info: Bytes,
  aad: Bytes,
  plain: Bytes,
): Promise<Bytes> {
  const { enc, key, nonce } = await encapsulate(randomness, recipient, info);
  return join(enc, await encrypt(await aeadKey(key, "encrypt"), nonce, aad, plain));
}

/** Opens a wrap for these keys. Whatever is wrong, the answer is CANNOT_OPEN. */
export async function unwrap(
  recipient: AgreementKeys,
  info: Bytes,
  aad: Bytes,
  wrapped: Bytes,
): Promise<Reading<Bytes>> {
  if (wrapped.length < WRAP_OVERHEAD_BYTES) {
    return unreadable("CANNOT_OPEN");
  }
  const enc = slice(wrapped, 0, POINT_BYTES);
  const [dh, schedule] = await Promise.all([agree(recipient, enc), startSchedule(info)]);
  if (!dh.ok) {
    return unreadable("CANNOT_OPEN");
  }
  const { key, nonce } = await finishSchedule(dh.value, join(enc, recipient.publicKey), schedule);
  return decrypt(await aeadKey(key, "decrypt"), nonce, aad, slice(wrapped, POINT_BYTES));
}

/** A sender's context that seals many, as published vectors do. The product seals once per context. */
export class SenderContext {
  #sequence = 0;

  private constructor(
    readonly enc: Bytes,
    private readonly key: CryptoKey,
    private readonly baseNonce: Bytes,
  ) {}

  static async start(randomness: Randomness, recipient: Bytes, info: Bytes): Promise<SenderContext> {
    const { enc, key, nonce } = await encapsulate(randomness, recipient, info);
    return new SenderContext(enc, await aeadKey(key, "encrypt"), nonce);
  }

  seal(aad: Bytes, plain: Bytes): Promise<Bytes> {
    const nonce = this.baseNonce.slice();
    const low = new DataView(nonce.buffer, NONCE_BYTES - 4);
    // Counted before anything is waited for: two calls at once get two nonces.
    low.setUint32(0, low.getUint32(0) ^ this.#sequence++);
    return encrypt(this.key, nonce, aad, plain);
  }
}

interface Encapsulated {
  readonly enc: Bytes;
  readonly key: Bytes;
  readonly nonce: Bytes;
}

async function encapsulate(randomness: Randomness, recipient: Bytes, info: Bytes): Promise<Encapsulated> {
  const ephemeral = await randomness.ephemeral();
  const [dh, schedule] = await Promise.all([agree(ephemeral, recipient), startSchedule(info)]);
  if (!dh.ok) {
    throw new RangeError(`cannot wrap for this key: ${dh.fault}`);
  }
  const enc = ephemeral.publicKey;
  return { enc, ...(await finishSchedule(dh.value, join(enc, recipient), schedule)) };
}

/** The part of the key schedule that needs no shared secret: mode ‖ psk_id_hash ‖ info_hash. */
async function startSchedule(info: Bytes): Promise<Bytes> {
  const { extractKey, pskIdHash } = await constants();
  const infoHash = await hmac(extractKey, labeled(SUITE, "info_hash", info));
  return join(MODE_BASE, pskIdHash, infoHash);
}

/** LabeledExtract followed by LabeledExpand is one HKDF, because only the expanded part is ever used. */
async function finishSchedule(
  dh: Bytes,
  kemContext: Bytes,
  context: Bytes,
): Promise<{ key: Bytes; nonce: Bytes }> {
  const { secretIkm } = await constants();
  const shared = await hkdf(
    labeled(KEM, "eae_prk", dh),
    NOTHING,
    expansion(KEM, "shared_secret", kemContext, HASH_BYTES),
    HASH_BYTES,
  );
  const [key, nonce] = await Promise.all([
    hkdf(secretIkm, shared, expansion(SUITE, "key", context, AEAD_KEY_BYTES), AEAD_KEY_BYTES),
    hkdf(secretIkm, shared, expansion(SUITE, "base_nonce", context, NONCE_BYTES), NONCE_BYTES),
  ]);
  return { key, nonce };
}

interface Constants {
  readonly extractKey: CryptoKey;
  readonly pskIdHash: Bytes;
  readonly secretIkm: CryptoKey;
}

let made: Promise<Constants> | undefined;

/** What is the same in every key schedule: nothing of it is secret, since base mode has no psk. */
function constants(): Promise<Constants> {
  made ??= (async () => {
    const extractKey = await hmacKey(NOTHING);
    return {
      extractKey,
      pskIdHash: await hmac(extractKey, labeled(SUITE, "psk_id_hash", NOTHING)),
      secretIkm: await derivationKey(labeled(SUITE, "secret", NOTHING)),
    };
  })();
  return made;
}

function labeled(suite: Bytes, name: string, input: Bytes): Bytes {
  return join(VERSION, suite, utf8(name), input);
}

function expansion(suite: Bytes, name: string, info: Bytes, length: number): Bytes {
  return join(u16(length), labeled(suite, name, info));
}
