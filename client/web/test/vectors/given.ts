// SPDX-License-Identifier: Apache-2.0
import {
  AgreementKeys,
  importAgreementKeys,
  importSigningKeys,
  type SigningKeys,
} from "../../src/e2r/keys.ts";
import type { Randomness } from "../../src/e2r/randomness.ts";
import { Secret } from "../../src/e2r/secret.ts";
import type { Bytes } from "../../src/ids.ts";
import { bytes } from "./reading.ts";

/** A key pair as the vectors write it: DeriveKeyPair of RFC 9180 makes the two of the seed. */
export interface KeyPair {
  readonly seed: string;
  readonly private: string;
  readonly public: string;
}

/** What chance gives where everything is given: one after the other, and nothing beyond. */
export class Given implements Randomness {
  readonly #bytes: Bytes[];
  readonly #pairs: AgreementKeys[];

  constructor(parts: readonly Bytes[], pairs: readonly AgreementKeys[] = []) {
    this.#bytes = [...parts];
    this.#pairs = [...pairs];
  }

  bytes(length: number): Bytes {
    const next = this.#bytes.shift();
    if (next?.length !== length) {
      throw new Error(`${length} bytes were wanted where ${next?.length ?? "none"} are given`);
    }
    return next.slice();
  }

  ephemeral(): Promise<AgreementKeys> {
    const next = this.#pairs.shift();
    return next === undefined ? Promise.reject(new Error("no key pair is given")) : Promise.resolve(next);
  }
}

/** d ‖ x ‖ y. */
export function secretOf(pair: KeyPair): Secret {
  return new Secret(bytes(pair.private + pair.public.slice(2)));
}

export async function agreementKeys(pair: KeyPair): Promise<AgreementKeys> {
  const keys = await importAgreementKeys(secretOf(pair), bytes(pair.public));
  if (!keys.ok) {
    throw new Error(`no key pair: ${keys.fault}`);
  }
  return keys.value;
}

export async function signingKeys(pair: KeyPair): Promise<SigningKeys> {
  const keys = await importSigningKeys(secretOf(pair), bytes(pair.public));
  if (!keys.ok) {
    throw new Error(`no key pair: ${keys.fault}`);
  }
  return keys.value;
}
