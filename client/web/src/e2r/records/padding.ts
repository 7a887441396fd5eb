// SPDX-License-Identifier: Apache-2.0

const SMALLEST = 256;

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

function floorLog2(value: number): number {
  let rest = value;
  let log = 0;
  while (rest >= 2 ** 31) {
    rest /= 2;
    log++;
  }
  return log + 31 - Math.clz32(rest);
}
