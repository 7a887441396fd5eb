// SPDX-License-Identifier: Apache-2.0
import type { Bytes } from "../ids.ts";
import { join, label } from "./bytes.ts";
import { importVerifyKey } from "./point.ts";

export const SIGNATURE_BYTES = 64;
export const ECDSA_SHA256 = { name: "ECDSA", hash: "SHA-256" };

/** What is really signed: the name keeps a signature for one purpose from being one for another. */
export function signedBytes(name: string, bytes: Bytes): Bytes {
  return join(label(`e2r/1/sig/${name}`), bytes);
}

/** Whether the signature (r ‖ s) of exactly these bytes is by this key; false for a key that is no point, too. */
export async function isSignatureOf(point: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  if (signature.length !== SIGNATURE_BYTES) {
    return false;
  }
  const key = await importVerifyKey(point);
  return key.ok && crypto.subtle.verify(ECDSA_SHA256, key.value, signature, message);
}

/** Whether it is SIGN(key, name, bytes). */
export function isSigned(point: Bytes, name: string, bytes: Bytes, signature: Bytes): Promise<boolean> {
  return isSignatureOf(point, signedBytes(name, bytes), signature);
}
