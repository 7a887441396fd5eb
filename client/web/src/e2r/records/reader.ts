// SPDX-License-Identifier: Apache-2.0
import { type Fault, type Reading, read, unreadable } from "../fault.ts";
import { type Bytes, idOf } from "../../ids.ts";

export const POINT_LENGTH = 65;
export const HASH_LENGTH = 32;
export const SIGNATURE_LENGTH = 64;

const NOTHING: Bytes = new Uint8Array(0);
const TWO_32 = 2 ** 32;
/** A u64 is below 2^53: its upper half below 2^21. */
const UPPER_HALF_END = 2 ** 21;

/**
 * Goes through a record from left to right and keeps the first fault. After it, reading goes on without effect and
 * gives zeros, which nobody sees: the end answers with the fault. So a reader never throws, and copies nothing
 * that is not there.
 */
export class RecordReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #fault: Fault | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether there is a fault already: nothing that follows counts, so a list need not be gone through. */
  get failed(): boolean {
    return this.#fault !== undefined;
  }

  refuse(fault: Fault): void {
    this.#fault ??= fault;
  }

  refuseIf(wrong: boolean, fault: Fault): void {
    if (wrong) {
      this.refuse(fault);
    }
  }

  version(): void {
    const at = this.#take(1);
    this.refuseIf(at >= 0 && this.#view.getUint8(at) !== 1, "UNKNOWN_VERSION");
  }

  suite(): void {
    const at = this.#take(2);
    this.refuseIf(at >= 0 && this.#view.getUint16(at) !== 1, "UNKNOWN_SUITE");
  }

  u8(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : this.#view.getUint8(at);
  }

  u16(): number {
    const at = this.#take(2);
    return at < 0 ? 0 : this.#view.getUint16(at);
  }

  u32(least = 0): number {
    const at = this.#take(4);
    const value = at < 0 ? 0 : this.#view.getUint32(at);
    this.refuseIf(value < least, "OUT_OF_RANGE");
    return value;
  }

  u64(least = 0): number {
    const at = this.#take(8);
    const upper = at < 0 ? 0 : this.#view.getUint32(at);
    const value = at < 0 ? 0 : upper * TWO_32 + this.#view.getUint32(at + 4);
    this.refuseIf(upper >= UPPER_HALF_END || value < least, "OUT_OF_RANGE");
    return value;
  }

  /** A u8 that names one of a few things, the first of them with that number. */
  named<T extends string>(names: readonly T[], first: 0 | 1): T {
    const name = names[this.u8() - first];
    this.refuseIf(name === undefined, "UNKNOWN_VALUE");
    return name ?? (names[0] as T);
  }

  /** The count of what follows. */
  count(wide: boolean, least: number, most: number): number {
    const count = wide ? this.u16() : this.u8();
    this.refuseIf(count < least || count > most, "OUT_OF_RANGE");
    return this.failed ? 0 : count;
  }

  fixed(length: number): Bytes {
    const at = this.#take(length);
    return at < 0 ? NOTHING : copy(this.#bytes, at, at + length);
  }

  id<T extends string>(length: number): T {
    const at = this.#take(length);
    const id: string = at < 0 ? "" : idOf(this.#bytes.subarray(at, at + length));
    return id as T;
  }

  point(): Bytes {
    const point = this.fixed(POINT_LENGTH);
    this.refuseIf(point[0] !== 4, "MALFORMED_POINT");
    return point;
  }

  hash(): Bytes {
    return this.fixed(HASH_LENGTH);
  }

  signature(): Bytes {
    return this.fixed(SIGNATURE_LENGTH);
  }

  /** What is left but so many bytes. */
  rest(but: number): Bytes {
    return this.fixed(this.#bytes.length - this.#at - but);
  }

  end<T>(value: T): Reading<T> {
    this.refuseIf(this.#at !== this.#bytes.length, "TRAILING_BYTES");
    return this.#fault === undefined ? read(value) : unreadable(this.#fault);
  }

  /** Where the next so many bytes begin; -1 if there are not so many, or something was wrong before. */
  #take(length: number): number {
    if (this.#fault !== undefined) {
      return -1;
    }
    if (length < 0 || length > this.#bytes.length - this.#at) {
      this.#fault = "TRUNCATED";
      return -1;
    }
    const at = this.#at;
    this.#at += length;
    return at;
  }
}

/** A copy in a buffer of its own: whoever gave the bytes may write over them. */
function copy(bytes: Uint8Array, from: number, to: number): Bytes {
  const target = new Uint8Array(to - from);
  target.set(bytes.subarray(from, to));
  return target;
}

export function isZeros(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
