// SPDX-License-Identifier: Apache-2.0
import type { Bytes } from "../ids.ts";
import { type Reading, read, unreadable } from "./fault.ts";

export const AEAD_KEY_BYTES = 32;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** A key of AES-256-GCM; WebCrypto would take a shorter one just as well. */
export async function aeadKey(key: Bytes, usage: "encrypt" | "decrypt"): Promise<CryptoKey> {
  if (key.length !== AEAD_KEY_BYTES) {
    throw new RangeError(`a key has ${AEAD_KEY_BYTES} bytes`);
  }
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, [usage]);
}

export async function encrypt(key: CryptoKey, nonce: Bytes, aad: Bytes, plain: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.encrypt(parameters(nonce, aad), key, plain));
}

export async function decrypt(
  key: CryptoKey,
  nonce: Bytes,
  aad: Bytes,
  sealed: Bytes,
): Promise<Reading<Bytes>> {
  const wanted = parameters(nonce, aad);
  if (sealed.length < TAG_BYTES) {
    return unreadable("CANNOT_OPEN");
  }
  try {
    return read(new Uint8Array(await crypto.subtle.decrypt(wanted, key, sealed)));
  } catch {
    return unreadable("CANNOT_OPEN");
  }
}

function parameters(nonce: Bytes, aad: Bytes): AesGcmParams {
  if (nonce.length !== NONCE_BYTES) {
    throw new RangeError(`a nonce has ${NONCE_BYTES} bytes`);
  }
  return { name: "AES-GCM", iv: nonce, additionalData: aad, tagLength: 8 * TAG_BYTES };
}
