// SPDX-License-Identifier: Apache-2.0
import { type Bytes, Secret } from "../src/index.ts";

export function bytes(text: string): Bytes {
  return new Uint8Array(Buffer.from(text, "hex"));
}

export function hex(value: Uint8Array): string {
  return Buffer.from(value).toString("hex");
}

export async function sha256(value: Uint8Array<ArrayBuffer>): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", value)));
}

export function random(length: number): Bytes {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 65_536) {
    crypto.getRandomValues(bytes.subarray(i, i + 65_536));
  }
  return bytes;
}

export function secret(text: string): Secret {
  return new Secret(bytes(text));
}

/** Numbers from a seed, so that a run can be repeated (mulberry32). */
export class Seeded {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 to below the bound. */
  next(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * bound);
  }
}
