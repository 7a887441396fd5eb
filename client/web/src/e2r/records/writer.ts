// SPDX-License-Identifier: Apache-2.0
import type { Fault, Reading } from "../fault.ts";
import type { Bytes } from "../../ids.ts";
import { HASH_LENGTH, POINT_LENGTH, SIGNATURE_LENGTH } from "./reader.ts";

const HEX = /^(?:[0-9a-f]{2})*$/;

/**
 * Writes a record. It refuses what its fields cannot hold; whatever else a reader would refuse, a reader says
 * before the bytes leave.
 */
export class RecordWriter {
  #buffer = new Uint8Array(512);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;

  u8(value: number, fault: Fault = "UNKNOWN_VALUE"): this {
    const at = this.#grow(1);
    this.#view.setUint8(at, whole(value, 2 ** 8, fault));
    return this;
  }

  u16(value: number, fault: Fault = "OUT_OF_RANGE"): this {
    const at = this.#grow(2);
    this.#view.setUint16(at, whole(value, 2 ** 16, fault));
    return this;
  }

  u32(value: number): this {
    const at = this.#grow(4);
    this.#view.setUint32(at, whole(value, 2 ** 32, "OUT_OF_RANGE"));
    return this;
  }

  u64(value: number): this {
    const number = whole(value, 2 ** 53, "OUT_OF_RANGE");
    const at = this.#grow(8);
    this.#view.setUint32(at, Math.floor(number / 2 ** 32));
    this.#view.setUint32(at + 4, number % 2 ** 32);
    return this;
  }

  named<T extends string>(names: readonly T[], first: 0 | 1, name: T): this {
    const index = names.indexOf(name);
    refuseIf(index < 0, "UNKNOWN_VALUE");
    return this.u8(index + first);
  }

  fixed(bytes: Uint8Array, length: number): this {
    refuseIf(bytes.length !== length, "WRONG_LENGTH");
    return this.raw(bytes);
  }

  raw(bytes: Uint8Array): this {
    const at = this.#grow(bytes.length);
    this.#buffer.set(bytes, at);
    return this;
  }

  id(id: string, length: number): this {
    refuseIf(id.length !== 2 * length || !HEX.test(id), "WRONG_LENGTH");
    const at = this.#grow(length);
    for (let i = 0; i < length; i++) {
      this.#buffer[at + i] = Number.parseInt(id.slice(2 * i, 2 * i + 2), 16);
    }
    return this;
  }

  point(point: Uint8Array): this {
    refuseIf(point.length !== POINT_LENGTH, "MALFORMED_POINT");
    return this.raw(point);
  }

  hash(hash: Uint8Array): this {
    return this.fixed(hash, HASH_LENGTH);
  }

  signature(signature: Uint8Array): this {
    return this.fixed(signature, SIGNATURE_LENGTH);
  }

  bytes(): Bytes {
    return this.#buffer.slice(0, this.#length);
  }

  /** Where so many bytes go; the buffer may be another one afterwards. */
  #grow(by: number): number {
    const at = this.#length;
    this.#length += by;
    if (this.#length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, at));
      this.#buffer = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

/** What was written, if a reader takes it: nothing is ever signed that others would refuse. */
export function checked(written: RecordWriter, decode: (bytes: Bytes) => Reading<unknown>): Bytes {
  const bytes = written.bytes();
  const reading = decode(bytes);
  if (!reading.ok) {
    throw new RangeError(reading.fault);
  }
  return bytes;
}

function whole(value: number, end: number, fault: Fault): number {
  refuseIf(!Number.isInteger(value) || value < 0 || value >= end, fault);
  return value;
}

function refuseIf(wrong: boolean, fault: Fault): void {
  if (wrong) {
    throw new RangeError(fault);
  }
}
