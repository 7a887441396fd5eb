// SPDX-License-Identifier: Apache-2.0
// How the published vectors are written; nothing here knows Node or a browser.
import { sha256 } from "../../src/e2r/hash.ts";
import type { Fault, Reading } from "../../src/e2r/fault.ts";
import type { Bytes } from "../../src/ids.ts";

/** Bytes as hex, or as a short piece of hex and how often it comes. */
export type Hex = string | { readonly repeat: string; readonly times: number };

/** What comes out: all of it, or only its hash and length. */
export type Expected = string | { readonly sha256: string; readonly length: number };

/** From which byte to which: what is found when it is changed, or when everything from it on is cut off. */
export type Run = readonly [from: number, to: number, fault: Fault | "NONE"];

export interface Altered {
  readonly flips: readonly Run[];
  readonly cuts: readonly Run[];
}

export function bytes(hex: Hex): Bytes {
  const [text, times] = typeof hex === "string" ? [hex, 1] : [hex.repeat, hex.times];
  if (text.length % 2 !== 0 || /[^0-9a-f]/.test(text)) {
    throw new Error(`not hex: ${text.slice(0, 80)}`);
  }
  const one = new Uint8Array(text.length / 2);
  for (let i = 0; i < one.length; i++) {
    one[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  }
  const all = new Uint8Array(one.length * times);
  for (let i = 0; i < times; i++) {
    all.set(one, i * one.length);
  }
  return all;
}

export function hex(value: Uint8Array): string {
  let text = "";
  for (const byte of value) {
    text += byte.toString(16).padStart(2, "0");
  }
  return text;
}

/** Collects what does not agree, with the case in which it was seen. */
export class Findings {
  readonly failures: string[] = [];
  positive = 0;
  negative = 0;
  flips = 0;
  cuts = 0;
  #subject = "";

  begin(subject: string): void {
    this.#subject = subject;
  }

  fail(name: string, what: string): void {
    this.failures.push(`${this.#subject}: ${name}: ${what}`);
  }

  equal(name: string, what: string, actual: unknown, expected: unknown): void {
    const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (one !== other) {
      this.fail(name, `${what} is ${one?.slice(0, 300)}, not ${other?.slice(0, 300)}`);
    }
  }

  async same(name: string, what: string, actual: Uint8Array, expected: Expected): Promise<void> {
    if (typeof expected === "string") {
      this.equal(name, what, hex(actual), expected);
    } else {
      this.equal(name, `${what}.length`, actual.length, expected.length);
      this.equal(name, `${what}.sha256`, hex(await sha256(actual)), expected.sha256);
    }
  }

  value<T>(name: string, what: string, reading: Reading<T>): T {
    if (!reading.ok) {
      throw new Error(`${name}: ${what} gives ${reading.fault}`);
    }
    return reading.value;
  }

  fault(name: string, reading: Reading<unknown>, expected: Fault | "NONE"): void {
    this.equal(name, "the fault", reading.ok ? "NONE" : reading.fault, expected);
  }

  /** Every run of flips and cuts of these bytes, and that the runs leave nothing out. */
  async altered(
    name: string,
    whole: Bytes,
    runs: Altered,
    outcome: (altered: Bytes) => Promise<Reading<unknown>>,
  ): Promise<void> {
    const untouched = await outcome(whole);
    this.equal(name, "the fault of what is not altered", untouched.ok ? "NONE" : untouched.fault, "NONE");
    for (const [from, to, fault] of this.#complete(name, "flips", runs.flips, whole.length)) {
      for (let at = from; at <= to; at++) {
        const flipped = whole.slice();
        flipped[at] = (flipped[at] as number) ^ 1;
        this.fault(`${name} with byte ${at} flipped`, await outcome(flipped), fault);
        this.flips++;
      }
    }
    for (const [from, to, fault] of this.#complete(name, "cuts", runs.cuts, whole.length)) {
      for (let length = from; length <= to; length++) {
        this.fault(`${name} cut to ${length} bytes`, await outcome(whole.slice(0, length)), fault);
        this.cuts++;
      }
    }
  }

  #complete(name: string, what: string, runs: readonly Run[], length: number): readonly Run[] {
    let next = 0;
    for (const [from, to] of runs) {
      this.equal(name, `the begin of a run of ${what}`, from, next);
      next = to + 1;
    }
    this.equal(name, `the number of ${what}`, next, length);
    return runs;
  }
}

/** A file of vectors: cases that come out, cases with a fault, and cases of which every byte is altered. */
export interface VectorFile<Positive, Negative = Positive & { readonly fault: Fault }, Whole = Positive> {
  readonly subject: string;
  readonly positive: readonly Positive[];
  readonly negative: readonly (Negative & { readonly fault: Fault })[];
  readonly altered: readonly (Whole & Altered)[];
}
