// SPDX-License-Identifier: Apache-2.0
import type { Bytes } from "../../ids.ts";
import { type Reading, read, unreadable } from "../fault.ts";
import { importVerifyKey } from "../point.ts";
import { ECDSA_SHA256, SIGNATURE_BYTES, signedBytes } from "../signature.ts";

/**
 * Whether somebody signed exactly these bytes for what the name says: MALFORMED_POINT or INVALID_POINT if the key is
 * none, else BAD_SIGNATURE.
 */
export async function verifySignature(
  publicKey: Bytes,
  name: string,
  bytes: Bytes,
  signature: Bytes,
): Promise<Reading<true>> {
  const key = await importVerifyKey(publicKey);
  if (!key.ok) {
    return key;
  }
  const signed =
    signature.length === SIGNATURE_BYTES &&
    (await crypto.subtle.verify(ECDSA_SHA256, key.value, signature, signedBytes(name, bytes)));
  return signed ? read(true) : unreadable("BAD_SIGNATURE");
}

/** The same, where the key is known to be one: for what verifies many things in one order. */
export async function isSignedBy(
  publicKey: Bytes,
  name: string,
  bytes: Bytes,
  signature: Bytes,
): Promise<boolean> {
  return (await verifySignature(publicKey, name, bytes, signature)).ok;
}
