// SPDX-License-Identifier: Apache-2.0
import { type Bytes, bytesOf, type TenantId, type Uid } from "../../ids.ts";
import { join, u64, u8 } from "../bytes.ts";
import { type Reading, unreadable } from "../fault.ts";
import type { DeviceKeys } from "../key-store.ts";
import { sha256 } from "../hash.ts";
import { type AgreementKeys, sealKey, SEAL_KEY_BYTES } from "../keys.ts";
import { type Randomness, SECURE } from "../randomness.ts";
import type { Device } from "../records/account.ts";
import { pad, SELF_PADDED_MAX, unpad } from "../records/padding.ts";
import {
  encodeSelfStatement,
  type SelfBlob,
  type SelfKind,
  selfKindNumber,
  type SelfStatement,
} from "../records/self.ts";
import { open, sealWith } from "../seal.ts";
import { Secret } from "../secret.ts";
import { isSignedBy } from "../verify/signatures.ts";
import { openSelfKey, wrapSelfKeyWith } from "../wraps.ts";

const LABEL = "e2r/1/self";

/** Whose blobs they are. */
export interface SelfOwner {
  readonly tenant: TenantId;
  readonly uid: Uid;
}

/** Makes what a user's devices tell each other: see selfMaker. */
export class SelfMaker {
  readonly #randomness: Randomness;

  constructor(randomness: Randomness) {
    this.#randomness = randomness;
  }

  async make(
    owner: SelfOwner,
    keys: DeviceKeys,
    aekPub: Bytes,
    kind: SelfKind,
    counter: number,
    content: Uint8Array,
  ): Promise<SelfBlob> {
    const secret = new Secret(this.#randomness.bytes(SEAL_KEY_BYTES));
    const what = { ...owner, kind: selfKindNumber(kind), counter };
    const wrap = await wrapSelfKeyWith(this.#randomness, secret, aekPub, what);
    const key = await sealKey(secret.reveal());
    secret.wipe();
    const padded = pad(content, SELF_PADDED_MAX);
    const sealed = await sealWith(this.#randomness, key, LABEL, contextOf(owner, kind, counter), padded);
    const statement: SelfStatement = { kind, counter, wrap, sealed };
    return { statement, signature: await keys.signing.sign("self", await signedPart(statement)) };
  }
}

export const selfMaker = new SelfMaker(SECURE);

/**
 * What one of these devices of mine told the others: BAD_SIGNATURE, ROLLED_BACK if it is older than what this device
 * remembers, CANNOT_OPEN, BAD_PADDING.
 */
export async function openSelfBlob(
  owner: SelfOwner,
  { statement, signature }: SelfBlob,
  devices: readonly Device[],
  keys: Iterable<AgreementKeys>,
  remembered: number,
): Promise<Reading<Bytes>> {
  const { kind, counter, wrap, sealed } = statement;
  const bytes = await signedPart(statement);
  const signed = await Promise.all(devices.map(({ dskPub }) => isSignedBy(dskPub, "self", bytes, signature)));
  if (!signed.includes(true)) {
    return unreadable("BAD_SIGNATURE");
  }
  if (counter < remembered) {
    return unreadable("ROLLED_BACK");
  }
  const what = { ...owner, kind: selfKindNumber(kind), counter };
  for (const aek of keys) {
    const key = await openSelfKey(aek, what, wrap);
    if (key.ok) {
      const padded = await open(key.value, LABEL, contextOf(owner, kind, counter), sealed);
      return padded.ok ? unpad(padded.value) : padded;
    }
  }
  return unreadable("CANNOT_OPEN");
}

async function signedPart(statement: SelfStatement): Promise<Bytes> {
  return join(u64(statement.counter), await sha256(encodeSelfStatement(statement)));
}

function contextOf({ tenant, uid }: SelfOwner, kind: SelfKind, counter: number): Bytes {
  return join(bytesOf(tenant), bytesOf(uid), u8(1), u8(selfKindNumber(kind)), u64(counter));
}
