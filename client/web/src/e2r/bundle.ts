// SPDX-License-Identifier: Apache-2.0
import type { Bytes } from "../ids.ts";
import type { Reading } from "./fault.ts";
import { PRIVATE_KEY_BYTES } from "./keys.ts";
import { CODE_BYTES } from "./recovery-code.ts";
import { RecordReader } from "./records/reader.ts";
import { checked, RecordWriter } from "./records/writer.ts";
import { Secret } from "./secret.ts";

const GENERATIONS_MAX = 1000;

/** A generation of the user's key as it stands in a backup. */
export interface Generation {
  readonly aekGen: number;
  readonly aek: Secret;
}

/**
 * All that an account is made of. The private keys are not compared yet: import them with the public keys of verified
 * AccountRecords.
 */
export interface Bundle {
  /** The newest AccountRecord there was when the backup was made. */
  readonly recordHash: Bytes;
  readonly accountSeq: number;
  readonly ark: Secret;
  readonly recoveryCode: Secret;
  /** Ascending. */
  readonly generations: readonly Generation[];
}

export function encodeBundle(bundle: Bundle): Bytes {
  const { recordHash, accountSeq, ark, recoveryCode, generations } = bundle;
  const writer = new RecordWriter().u8(1).hash(recordHash).u64(accountSeq);
  writer.fixed(ark.reveal(), PRIVATE_KEY_BYTES).fixed(recoveryCode.reveal(), CODE_BYTES);
  writer.u16(generations.length);
  for (const { aekGen, aek } of generations) {
    writer.u32(aekGen).fixed(aek.reveal(), PRIVATE_KEY_BYTES);
  }
  return checked(writer, decodeBundle);
}

export function decodeBundle(bytes: Bytes): Reading<Bundle> {
  const reader = new RecordReader(bytes);
  reader.version();
  const recordHash = reader.hash();
  const accountSeq = reader.u64(1);
  const ark = new Secret(reader.fixed(PRIVATE_KEY_BYTES));
  const recoveryCode = new Secret(reader.fixed(CODE_BYTES));
  const generations: Generation[] = [];
  for (let left = reader.count(true, 1, GENERATIONS_MAX); left > 0 && !reader.failed; left--) {
    const generation = { aekGen: reader.u32(1), aek: new Secret(reader.fixed(PRIVATE_KEY_BYTES)) };
    const before = generations.at(-1)?.aekGen ?? 0;
    reader.refuseIf(generation.aekGen <= before, "UNSORTED");
    generations.push(generation);
  }
  return reader.end({ recordHash, accountSeq, ark, recoveryCode, generations });
}
