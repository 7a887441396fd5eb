// SPDX-License-Identifier: Apache-2.0
// The checks inside a dedicated worker, where the product does its cryptography.
import { indexedDbKeyStore } from "../../src/e2r/key-store.ts";
import type { Bytes } from "../../src/ids.ts";
import { checkVectors } from "../vectors/check.ts";
import { checkFile, checkFileAttacks } from "./files.ts";
import { type Before, checkKeyStore, fillKeyStore } from "./key-stores.ts";
import { checkLiterals } from "./literals.ts";
import { checkHpke, checkTink, type HpkeVector, type TinkVector } from "./published.ts";
import { hex, Tally } from "./tally.ts";
import { checkWycheproof, ofSuiteSize, WYCHEPROOF } from "./wycheproof.ts";

const KEYS = "e2r-keys-of-the-test";
const SHAKE_STREAM_BYTES = 512_000;

type Job = (input: unknown) => Promise<unknown>;

const JOBS: Readonly<Record<string, Job>> = {
  /** Where this runs: the page shows it, since it decides what the rest is worth. */
  where: async () => ({
    worker: "DedicatedWorkerGlobalScope" in self && !("document" in self),
    secure: isSecureContext,
    evaluates: evaluates(),
  }),
  vectors: () => checkVectors((name) => resource("vectors", name)),
  literals: () => checkLiterals(),
  wycheproof: async (name) => {
    const file = await resource("wycheproof", WYCHEPROOF[name as keyof typeof WYCHEPROOF]);
    const tally = await checkWycheproof(name as keyof typeof WYCHEPROOF, file);
    return name === "aes" ? { ...plain(tally), ofSuiteSize: ofSuiteSize(file) } : tally;
  },
  hpke: async () => {
    const vector = (await resource("others", "hpke-rfc9180-base-p256-aes256gcm")) as HpkeVector;
    const [tally, sealed] = await checkHpke(vector, await shake128(new Uint8Array(0), SHAKE_STREAM_BYTES));
    tally.same("accumulated", hex(await shake128(sealed, 16)), vector.accumulated);
    return tally;
  },
  tink: async () => checkTink((await resource("others", "tink-aes-gcm-hkdf-streaming")) as TinkVector),
  file: (bytes) => checkFile(bytes as number),
  fileAttacks: () => checkFileAttacks(),
  fillKeys: async () => {
    const store = await indexedDbKeyStore(KEYS);
    const [tally, before] = await fillKeyStore(store);
    store.close();
    return { ...plain(tally), before };
  },
  checkKeys: async (before) => {
    const store = await indexedDbKeyStore(KEYS);
    const tally = await checkKeyStore(store, before as Before);
    store.close();
    return tally;
  },
};

self.onmessage = async ({ data }: MessageEvent<{ id: number; job: string; input: unknown }>) => {
  try {
    const result = await (JOBS[data.job] as Job)(data.input);
    postMessage({ id: data.id, result: result instanceof Tally ? plain(result) : result });
  } catch (error) {
    postMessage({ id: data.id, error: String(error) });
  }
};

/** Whether text can be run: not under the policy of the page. */
function evaluates(): boolean {
  try {
    return new Function("return true")() as boolean;
  } catch {
    return false;
  }
}

function plain({ checked, failures }: Tally): { checked: number; failures: readonly string[] } {
  return { checked, failures };
}

async function resource(folder: string, name: string): Promise<unknown> {
  return (await fetch(`/resources/${folder}/${name}.json`)).json();
}

/** WebCrypto has none, so whoever serves this page works it out. */
async function shake128(bytes: Bytes, length: number): Promise<Bytes> {
  const answer = await fetch(`/shake128?bytes=${length}`, { method: "POST", body: bytes });
  return new Uint8Array(await answer.arrayBuffer());
}
