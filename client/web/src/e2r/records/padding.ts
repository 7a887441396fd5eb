// SPDX-License-Identifier: Apache-2.0
import type { Bytes } from "../../ids.ts";
import { type Reading, read, unreadable } from "../fault.ts";
import { isZeros } from "./reader.ts";

const SMALLEST = 256;
const LENGTH = 4;

/** The size of a sealed message's padded content at most; four of its bytes are the length. */
export const MESSAGE_PADDED_MAX = 65_536;
/** The size of a sealed self blob's padded content at most. */
export const SELF_PADDED_MAX = 262_144;

/**
 * The size to which so many bytes are padded (for content: with its four bytes of length): Padmé, which gives away
 * O(log log n) bits of the length for at most 12 % more bytes.
 */
export function paddedSize(length: number): number {
  const size = Math.max(SMALLEST, length);
  const exponent = floorLog2(size);
  // All of it is exact below 2^53: a step is a power of two.
  const step = 2 ** (exponent - floorLog2(exponent) - 1);
  return Math.ceil(size / step) * step;
}

/** Whether so many bytes can be padded content at all. */
export function isPaddedSize(size: number, most: number): boolean {
  return size >= SMALLEST && size <= most && paddedSize(size) === size;
}

/** Content behind its length, filled up with zeros. */
export function pad(content: Uint8Array, most: number): Bytes {
  const size = paddedSize(LENGTH + content.length);
  if (size > most) {
    throw new RangeError("WRONG_LENGTH");
  }
  const padded = new Uint8Array(size);
  new DataView(padded.buffer).setUint32(0, content.length);
  padded.set(content, LENGTH);
  return padded;
}

/** The content, if it is padded in the one way: there is no room for anything beside it. */
export function unpad(padded: Bytes): Reading<Bytes> {
  const length = padded.length < LENGTH ? 0 : new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  return paddedSize(LENGTH + length) === padded.length && isZeros(padded.subarray(LENGTH + length))
    ? read(padded.slice(LENGTH, LENGTH + length))
    : unreadable("BAD_PADDING");
}

function floorLog2(value: number): number {
  let rest = value;
  let log = 0;
  while (rest >= 2 ** 31) {
    rest /= 2;
    log++;
  }
  return log + 31 - Math.clz32(rest);
}
