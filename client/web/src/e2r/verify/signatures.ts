// SPDX-License-Identifier: Apache-2.0
import type { Bytes } from "../../ids.ts";
import type { Reading } from "../fault.ts";
import { signedBytes, verifyBytes } from "../signature.ts";

/**
 * Whether somebody signed exactly these bytes for what the name says: MALFORMED_POINT or INVALID_POINT if the key is
 * none, else BAD_SIGNATURE.
 */
export function verifySignature(
  publicKey: Bytes,
  name: string,
  bytes: Bytes,
  signature: Bytes,
): Promise<Reading<true>> {
  return verifyBytes(publicKey, signedBytes(name, bytes), signature);
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
