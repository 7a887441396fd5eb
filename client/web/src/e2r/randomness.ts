// SPDX-License-Identifier: Apache-2.0
import { type Bytes, randomBytes } from "../ids.ts";
import { AgreementKeys } from "./keys.ts";

/** Where salts, keys and ephemeral pairs come from. Only tests of vectors bring one; nothing published takes it. */
export interface Randomness {
  bytes(length: number): Bytes;
  ephemeral(): Promise<AgreementKeys>;
}

export const SECURE: Randomness = {
  bytes: randomBytes,
  ephemeral: () => AgreementKeys.generate(),
};
