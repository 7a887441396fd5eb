// SPDX-License-Identifier: Apache-2.0
import type { Bytes } from "../ids.ts";
import { join } from "./bytes.ts";

export const HASH_BYTES = 32;
const EXPANDED_MOST = 255 * HASH_BYTES;
const HMAC = { name: "HMAC", hash: "SHA-256" };
// HMAC fills its key up with zeros, so this is the empty key, which WebCrypto does not import.
const EMPTY_KEY = new Uint8Array(HASH_BYTES);
const NOTHING = new Uint8Array(0);

export async function sha256(...parts: readonly Uint8Array[]): Promise<Bytes> {
  const input = parts.length === 1 ? (parts[0] as Bytes) : join(...parts);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", input));
}

export function hmacKey(key: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key.length === 0 ? EMPTY_KEY : key, HMAC, false, ["sign"]);
}

export async function hmac(key: Bytes | CryptoKey, bytes: Bytes): Promise<Bytes> {
  const imported = key instanceof Uint8Array ? await hmacKey(key) : key;
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytes));
}

/** Input for HKDF that nobody can export again, this page's own scripts included. */
export function derivationKey(ikm: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", ikm, "HKDF", false, ["deriveBits"]);
}

/** HKDF of RFC 5869, extract and expand in one. */
export async function hkdf(ikm: Bytes | CryptoKey, salt: Bytes, info: Bytes, length: number): Promise<Bytes> {
  checkExpandedLength(length);
  const key = ikm instanceof Uint8Array ? await derivationKey(ikm) : ikm;
  const bits = await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, 8 * length);
  return new Uint8Array(bits);
}

export function extract(salt: Bytes, ikm: Bytes): Promise<Bytes> {
  return hmac(salt, ikm);
}

export async function expand(prk: Bytes, info: Bytes, length: number): Promise<Bytes> {
  checkExpandedLength(length);
  const key = await hmacKey(prk);
  const out = new Uint8Array(Math.ceil(length / HASH_BYTES) * HASH_BYTES);
  let block: Bytes = NOTHING;
  for (let i = 0; i * HASH_BYTES < length; i++) {
    block = await hmac(key, join(block, info, Uint8Array.of(i + 1)));
    out.set(block, i * HASH_BYTES);
  }
  return out.slice(0, length);
}

function checkExpandedLength(length: number): void {
  if (length < 1 || length > EXPANDED_MOST) {
    throw new RangeError(`HKDF gives 1 to ${EXPANDED_MOST} bytes`);
  }
}

/** PBKDF2 of RFC 8018; how many iterations are enough is for the caller to say. */
export async function pbkdf2(
  hash: "SHA-256" | "SHA-512",
  password: Bytes,
  salt: Bytes,
  iterations: number,
  length: number,
): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(
    await crypto.subtle.deriveBits({ name: "PBKDF2", hash, salt, iterations }, key, 8 * length),
  );
}
