// SPDX-License-Identifier: Apache-2.0
// Crafts a ciphertext that AES-GCM opens under several keys, by solving GHASH for a few of its blocks in GF(2^128).
import { join, slice } from "../src/e2r/bytes.ts";
import type { Bytes } from "../src/ids.ts";

const BLOCK = 16;
/** x^128 + x^7 + x^2 + x + 1, in the bit order of GCM. */
const REDUCTION = 0xe1n << 120n;

/** The first bit is the one without x. */
const ONE = 1n << 127n;

/** A key of AES-256-GCM with the nonce that goes with it. */
export interface GcmKey {
  readonly key: Bytes;
  readonly nonce: Bytes;
}

/** A row of equations' coefficients, then what they add up to. */
type Row = bigint[];

function times(a: bigint, b: bigint): bigint {
  let product = 0n;
  let shifted = b;
  for (let bit = 127n; bit >= 0n; bit--) {
    if ((a >> bit) & 1n) {
      product ^= shifted;
    }
    shifted = shifted & 1n ? (shifted >> 1n) ^ REDUCTION : shifted >> 1n;
  }
  return product;
}

function inverse(a: bigint): bigint {
  // a^(2^128 − 2): the product of a^2, a^4, …, a^(2^127).
  let power = times(a, a);
  let product = power;
  for (let i = 2; i < 128; i++) {
    power = times(power, power);
    product = times(product, power);
  }
  return product;
}

function toNumber(block: Uint8Array): bigint {
  const whole = new Uint8Array(BLOCK);
  whole.set(block);
  return BigInt(`0x${Buffer.from(whole).toString("hex")}`);
}

function toBlock(value: bigint): Bytes {
  return new Uint8Array(Buffer.from(value.toString(16).padStart(2 * BLOCK, "0"), "hex"));
}

function blocksOf(bytes: Bytes): bigint[] {
  const blocks: bigint[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK) {
    blocks.push(toNumber(slice(bytes, at, Math.min(bytes.length, at + BLOCK))));
  }
  return blocks;
}

/** AES of one block: what counter mode adds to zeros. */
async function aes(key: Bytes, block: Bytes): Promise<bigint> {
  const imported = await crypto.subtle.importKey("raw", key, "AES-CTR", false, ["encrypt"]);
  const parameters = { name: "AES-CTR", counter: block, length: 32 };
  return toNumber(new Uint8Array(await crypto.subtle.encrypt(parameters, imported, new Uint8Array(BLOCK))));
}

function solve(rows: Row[]): bigint[] {
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    const pivot = rows.findIndex((row, i) => i >= column && row[column] !== 0n);
    [rows[column], rows[pivot]] = [rows[pivot] as Row, rows[column] as Row];
    const scale = inverse((rows[column] as Row)[column] as bigint);
    const own = (rows[column] as Row).map((each) => times(each, scale));
    rows[column] = own;
    for (let i = 0; i < size; i++) {
      const factor = (rows[i] as Row)[column] as bigint;
      if (i !== column && factor !== 0n) {
        rows[i] = (rows[i] as Row).map((each, j) => each ^ times(factor, own[j] as bigint));
      }
    }
  }
  return rows.map((row) => row[size] as bigint);
}

/**
 * A ciphertext with its tag that opens under each of these keys, with the same further data. The first blocks are given
 * up for it, one for each key but one; the rest stays.
 */
export async function forMany(keys: readonly GcmKey[], aad: Bytes, ciphertext: Bytes): Promise<Bytes> {
  const given = blocksOf(ciphertext);
  const free = keys.length - 1;
  const lengths = (BigInt(8 * aad.length) << 64n) | BigInt(8 * ciphertext.length);
  const rows = await Promise.all(
    keys.map(async ({ key, nonce }) => {
      const h = await aes(key, new Uint8Array(BLOCK));
      const mask = await aes(key, join(nonce, Uint8Array.of(0, 0, 0, 1)));
      let sum = mask;
      let power = h;
      const coefficients: bigint[] = [];
      // From the last block backwards: lengths · h, then each block with one power more.
      [...blocksOf(aad), ...given.map((block, i) => (i < free ? undefined : block)), lengths]
        .reverse()
        .forEach((block) => {
          if (block === undefined) {
            coefficients.unshift(power);
          } else {
            sum ^= times(block, power);
          }
          power = times(power, h);
        });
      // What the free blocks and the tag (once in each equation) add up to.
      return [...coefficients, ONE, sum];
    }),
  );
  const solution = solve(rows);
  const tag = toBlock(solution.pop() as bigint);
  return join(...solution.map(toBlock), slice(ciphertext, free * BLOCK), tag);
}
