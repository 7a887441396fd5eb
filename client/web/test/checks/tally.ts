// SPDX-License-Identifier: Apache-2.0
// What checks count and find. Nothing in this folder knows Node: the same checks run there and in a browser's worker.
import type { Bytes } from "../../src/ids.ts";

export class Tally {
  checked = 0;
  readonly failures: string[] = [];

  constructor(readonly name: string) {}

  /** Counts one check; what is wrong is kept, not thrown, so that all of it shows. */
  check(what: string, fact: boolean): void {
    this.checked++;
    if (!fact) {
      this.failures.push(`${this.name}: ${what}`);
    }
  }

  same(what: string, got: unknown, wanted: unknown): void {
    const [shown, expected] = [got, wanted].map((value) =>
      value instanceof Uint8Array ? hex(value) : JSON.stringify(value),
    );
    this.check(`${what}: ${shown}, not ${expected}`, shown === expected);
  }
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function unhex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** The same byte so many times. */
export function filled(byte: number, length = 32): Bytes {
  return new Uint8Array(length).fill(byte);
}

/** Whether it throws, or rejects with, an error of this kind. */
export async function refuses(
  act: () => unknown,
  kind: new (...some: never[]) => Error = RangeError,
): Promise<boolean> {
  try {
    await act();
    return false;
  } catch (error) {
    return error instanceof kind;
  }
}
