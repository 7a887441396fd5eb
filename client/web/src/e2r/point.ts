// SPDX-License-Identifier: Apache-2.0
import type { Bytes } from "../ids.ts";
import { type Reading, read, unreadable } from "./fault.ts";

export const POINT_BYTES = 65;
export const ECDSA = { name: "ECDSA", namedCurve: "P-256" };
export const ECDH = { name: "ECDH", namedCurve: "P-256" };

/** Whether it looks like a point at all. Some WebCrypto implementations also take 33 bytes, so this comes first. */
export function isPointLike(bytes: Uint8Array): boolean {
  return bytes.length === POINT_BYTES && bytes[0] === 4;
}

export function importVerifyKey(point: Bytes): Promise<Reading<CryptoKey>> {
  return importPoint(point, ECDSA, ["verify"]);
}

export function importAgreementPoint(point: Bytes): Promise<Reading<CryptoKey>> {
  return importPoint(point, ECDH, []);
}

/** Whether the point lies on the curve. */
export async function isOnCurve(point: Bytes): Promise<boolean> {
  return (await importVerifyKey(point)).ok;
}

async function importPoint(
  point: Bytes,
  algorithm: EcKeyImportParams,
  usages: KeyUsage[],
): Promise<Reading<CryptoKey>> {
  if (!isPointLike(point)) {
    return unreadable("MALFORMED_POINT");
  }
  try {
    return read(await crypto.subtle.importKey("raw", point, algorithm, true, usages));
  } catch {
    return unreadable("INVALID_POINT");
  }
}
