// SPDX-License-Identifier: Apache-2.0
import type { Bytes } from "../ids.ts";

/** Bytes that must not show: printing, concatenating or serialising one tells only how long it is. */
export class Secret {
  readonly #bytes: Bytes;

  /** Takes the bytes over: they are not copied. */
  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** The bytes themselves, for the one place that needs them. */
  reveal(): Bytes {
    return this.#bytes;
  }

  /** Overwrites the bytes. Copies that the runtime made may remain. */
  wipe(): void {
    this.#bytes.fill(0);
  }

  toString(): string {
    return `Secret[${this.#bytes.length} bytes]`;
  }

  toJSON(): string {
    return this.toString();
  }
}
