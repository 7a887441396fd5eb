// SPDX-License-Identifier: Apache-2.0
import type { Bytes } from "../ids.ts";

const ENCODER = new TextEncoder();

/** The notation of the specification: parts behind one another. */
export function join(...parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) {
    length += part.length;
  }
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function utf8(text: string): Bytes {
  return ENCODER.encode(text);
}

/** What the specification writes in ASCII. */
export const ascii = utf8;

/** LBL: what keeps everything that is hashed, derived or signed for one purpose apart from every other purpose. */
export function label(text: string): Bytes {
  const bytes = ENCODER.encode(text);
  const out = new Uint8Array(1 + bytes.length);
  out[0] = bytes.length;
  out.set(bytes, 1);
  return out;
}

export function u8(value: number): Bytes {
  return Uint8Array.of(value);
}

export function u16(value: number): Bytes {
  return Uint8Array.of(value >>> 8, value);
}

export function u32(value: number): Bytes {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

export function u64(value: number): Bytes {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError("a u64 is a whole number below 2^53");
  }
  return join(u32(Math.floor(value / 0x1_0000_0000)), u32(value % 0x1_0000_0000));
}

/** Takes as long for a difference in the first byte as for one in the last. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) {
    return false;
  }
  let difference = 0;
  for (let i = 0; i < a.length; i++) {
    difference |= (a[i] as number) ^ (b[i] as number);
  }
  return difference === 0;
}

export function isZero(bytes: Uint8Array): boolean {
  let bits = 0;
  for (const byte of bytes) {
    bits |= byte;
  }
  return bits === 0;
}

/** A view without copying; WebCrypto takes views. */
export function slice(bytes: Bytes, from: number, to: number = bytes.length): Bytes {
  return bytes.subarray(from, to);
}
