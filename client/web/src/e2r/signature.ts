// SPDX-License-Identifier: Apache-2.0
import type { Bytes } from "../ids.ts";
import { join, label } from "./bytes.ts";
import { type Reading, read, unreadable } from "./fault.ts";
import { importVerifyKey } from "./point.ts";

export const SIGNATURE_BYTES = 64;
export const ECDSA_SHA256 = { name: "ECDSA", hash: "SHA-256" };

/** What is really signed: the name keeps a signature for one purpose from being one for another. */
export function signedBytes(name: string, bytes: Bytes): Bytes {
  return join(label(`e2r/1/sig/${name}`), bytes);
}

/**
 * Whether the signature (r ‖ s) of exactly these bytes is by this key: MALFORMED_POINT or INVALID_POINT if the key is
 * none, else BAD_SIGNATURE.
 */
export async function verifyBytes(point: Bytes, message: Bytes, signature: Bytes): Promise<Reading<true>> {
  const key = await importVerifyKey(point);
  if (!key.ok) {
    return key;
  }
  const signed =
    signature.length === SIGNATURE_BYTES &&
    (await crypto.subtle.verify(ECDSA_SHA256, key.value, signature, message));
  return signed ? read(true) : unreadable("BAD_SIGNATURE");
}
