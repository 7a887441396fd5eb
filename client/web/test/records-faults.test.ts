// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fault } from "../src/e2r/fault.ts";
import {
  accounts,
  type AnyCodec,
  backups,
  codecs,
  envelopes,
  epochs,
  geneses,
  grants,
  selves,
} from "./records-samples.ts";

/** Bytes written over a sample, and what a reader says. They stand in the order in which a reader checks. */
type Patch = readonly [at: number, bytes: readonly number[], fault: Fault];

const U32_ZERO = [0, 0, 0, 0];
const U64_ZERO = [0, 0, 0, 0, 0, 0, 0, 0];
const U64_TOO_LARGE = [0, 0x20, 0, 0, 0, 0, 0, 0];
const HASH_ZERO = Array<number>(32).fill(0);

type Row = readonly [name: string, codec: AnyCodec, sample: number, patches: readonly Patch[]];

const ROWS: readonly Row[] = [
  [
    "an account record with two devices",
    accounts as AnyCodec,
    2,
    [
      [0, [0], "UNKNOWN_VERSION"],
      [0, [2], "UNKNOWN_VERSION"],
      [1, [0, 2], "UNKNOWN_SUITE"],
      [1, [1, 1], "UNKNOWN_SUITE"],
      [35, U64_ZERO, "OUT_OF_RANGE"],
      [35, U64_TOO_LARGE, "OUT_OF_RANGE"],
      [75, [0], "UNKNOWN_VALUE"],
      [75, [7], "UNKNOWN_VALUE"],
      [76, [2], "MALFORMED_POINT"],
      [141, U32_ZERO, "OUT_OF_RANGE"],
      [145, [3], "MALFORMED_POINT"],
      [210, [17], "OUT_OF_RANGE"],
      [227, [0], "MALFORMED_POINT"],
      [292, [6], "MALFORMED_POINT"],
      [357, U64_ZERO, "OUT_OF_RANGE"],
      [365, U64_TOO_LARGE, "OUT_OF_RANGE"],
      [389, [7], "MALFORMED_POINT"],
      [454, [5], "MALFORMED_POINT"],
      [519, U64_TOO_LARGE, "OUT_OF_RANGE"],
      [527, U64_TOO_LARGE, "OUT_OF_RANGE"],
      [388, [0], "UNSORTED"],
      [388, [1], "UNSORTED"],
      [535, U64_TOO_LARGE, "OUT_OF_RANGE"],
      [75, [1], "CONTRADICTION"],
      [35, [0, 0, 0, 0, 0, 0, 0, 1], "CONTRADICTION"],
      [364, [10], "CONTRADICTION"],
      [607, [3], "UNKNOWN_VALUE"],
      [607, [1], "CONTRADICTION"],
      [607, [2], "CONTRADICTION"],
    ],
  ],
  [
    "a genesis",
    geneses as AnyCodec,
    1,
    [
      [0, [9], "UNKNOWN_VERSION"],
      [1, [0, 0], "UNKNOWN_SUITE"],
      [19, [0], "UNKNOWN_VALUE"],
      [19, [3], "UNKNOWN_VALUE"],
      [52, U64_ZERO, "OUT_OF_RANGE"],
      [52, U64_TOO_LARGE, "OUT_OF_RANGE"],
      [156, [2], "UNKNOWN_VALUE"],
      [157, [3], "UNKNOWN_VALUE"],
      [158, [3], "UNKNOWN_VALUE"],
      [163, U64_TOO_LARGE, "OUT_OF_RANGE"],
    ],
  ],
  [
    "an epoch with three members",
    epochs as AnyCodec,
    1,
    [
      [0, [0], "UNKNOWN_VERSION"],
      [1, [0, 2], "UNKNOWN_SUITE"],
      [35, U32_ZERO, "OUT_OF_RANGE"],
      [71, [0], "UNKNOWN_VALUE"],
      [71, [12], "UNKNOWN_VALUE"],
      [104, U64_ZERO, "OUT_OF_RANGE"],
      [104, U64_TOO_LARGE, "OUT_OF_RANGE"],
      [144, [0, 111], "WRONG_LENGTH"],
      [144, [0xff, 0xff], "WRONG_LENGTH"],
      [258, [0, 0], "OUT_OF_RANGE"],
      [258, [0x03, 0xe9], "OUT_OF_RANGE"],
      [276, [2], "UNKNOWN_VALUE"],
      [277, [2], "UNKNOWN_VALUE"],
      [278, U64_TOO_LARGE, "OUT_OF_RANGE"],
      [278, U64_ZERO, "CONTRADICTION"],
      [286, HASH_ZERO, "CONTRADICTION"],
      [318, U32_ZERO, "CONTRADICTION"],
      [338, [9], "UNKNOWN_VALUE"],
      [339, [0], "CONTRADICTION"],
      [347, [1], "CONTRADICTION"],
      [348, [1], "CONTRADICTION"],
      [383, [1], "CONTRADICTION"],
      [337, [0], "UNSORTED"],
      [337, [1], "UNSORTED"],
      [446, U64_TOO_LARGE, "OUT_OF_RANGE"],
      [71, [1], "CONTRADICTION"],
      [71, [11], "CONTRADICTION"],
      [35, [0, 0, 0, 1], "CONTRADICTION"],
    ],
  ],
  [
    "a grant",
    grants as AnyCodec,
    1,
    [
      [0, [2], "UNKNOWN_VERSION"],
      [33, U32_ZERO, "OUT_OF_RANGE"],
      [85, U64_ZERO, "OUT_OF_RANGE"],
      [85, U64_TOO_LARGE, "OUT_OF_RANGE"],
      [125, U32_ZERO, "OUT_OF_RANGE"],
      [129, [0], "UNKNOWN_VALUE"],
      [129, [3], "UNKNOWN_VALUE"],
      [162, U64_ZERO, "OUT_OF_RANGE"],
      [170, U64_TOO_LARGE, "OUT_OF_RANGE"],
    ],
  ],
  [
    "a message",
    envelopes as AnyCodec,
    2,
    [
      [0, [2], "UNKNOWN_VERSION"],
      [1, [0], "UNKNOWN_VALUE"],
      [1, [5], "UNKNOWN_VALUE"],
      [34, U32_ZERO, "OUT_OF_RANGE"],
      [86, U64_TOO_LARGE, "OUT_OF_RANGE"],
      [86, U64_ZERO, "CONTRADICTION"],
      [86, [0, 0, 0, 0, 0, 0, 0, 1], "CONTRADICTION"],
      [94, HASH_ZERO, "CONTRADICTION"],
      [1, [2], "CONTRADICTION"],
      [1, [3], "CONTRADICTION"],
      [1, [4], "CONTRADICTION"],
    ],
  ],
  [
    "a self blob",
    selves as AnyCodec,
    1,
    [
      [0, [2], "UNKNOWN_VERSION"],
      [1, [0], "UNKNOWN_VALUE"],
      [1, [5], "UNKNOWN_VALUE"],
      [2, U64_ZERO, "OUT_OF_RANGE"],
      [2, U64_TOO_LARGE, "OUT_OF_RANGE"],
    ],
  ],
  [
    "a backup",
    backups as AnyCodec,
    1,
    [
      [0, [2], "UNKNOWN_VERSION"],
      [1, [0], "WEAK_KDF"],
      [1, [2], "WEAK_KDF"],
      [2, [0, 0, 0, 1], "WEAK_KDF"],
      [2, [0x00, 0x09, 0x27, 0xbf], "WEAK_KDF"],
      [2, [0x00, 0x98, 0x96, 0x81], "WEAK_KDF"],
      [54, U64_ZERO, "OUT_OF_RANGE"],
      [54, U64_TOO_LARGE, "OUT_OF_RANGE"],
    ],
  ],
];

/** Faults that only records of some kind can have. */
const MORE_ROWS: readonly Row[] = [
  [
    "a first account record",
    accounts as AnyCodec,
    1,
    [
      [75, [2], "CONTRADICTION"],
      [43, [1], "CONTRADICTION"],
      [74, [1], "CONTRADICTION"],
      [144, [2], "CONTRADICTION"],
      [364, [2], "CONTRADICTION"],
    ],
  ],
  [
    "an account record without devices",
    accounts as AnyCodec,
    0,
    [
      [75, [2], "CONTRADICTION"],
      [75, [5], "CONTRADICTION"],
    ],
  ],
  [
    "a reset for which the old root vouches",
    accounts as AnyCodec,
    3,
    [
      [75, [6], "CONTRADICTION"],
      [607, [3], "UNKNOWN_VALUE"],
    ],
  ],
  [
    "a tombstone",
    envelopes as AnyCodec,
    3,
    [
      [126, [0, 0, 0, 1], "CONTRADICTION"],
      [1, [1], "WRONG_LENGTH"],
    ],
  ],
  [
    "a receipt",
    envelopes as AnyCodec,
    0,
    [
      [94, [1], "CONTRADICTION"],
      [93, [1], "CONTRADICTION"],
      [129, [1], "CONTRADICTION"],
      [1, [3], "WRONG_LENGTH"],
      [130, U64_TOO_LARGE, "OUT_OF_RANGE"],
    ],
  ],
];

function patched(sample: Uint8Array, ...patches: readonly Patch[]): Uint8Array {
  const bytes = sample.slice();
  patches.forEach(([at, over]) => bytes.set(over, at));
  return bytes;
}

function overlap([a, x]: Patch, [b, y]: Patch): boolean {
  return a < b + y.length && b < a + x.length;
}

for (const [name, codec, index, patches] of [...ROWS, ...MORE_ROWS]) {
  test(`each fault of ${name} has its name`, () => {
    const sample = codec.encode(codec.samples[index]);
    assert.ok(codec.decode(sample).ok);
    for (const patch of patches) {
      assert.deepEqual(codec.decode(patched(sample, patch)), { ok: false, fault: patch[2] }, String(patch));
    }
  });
}

test("of two faults the first is the answer", () => {
  let pairs = 0;
  for (const [, codec, index, patches] of ROWS) {
    const sample = codec.encode(codec.samples[index]);
    patches.forEach((first, i) => {
      const answers = (bytes: Uint8Array, fault: Fault, of: unknown) =>
        assert.deepEqual(codec.decode(bytes), { ok: false, fault }, `${codec.name}: ${of}`);
      for (const second of patches.slice(i + 1)) {
        // Where both mean one field, or one thing is said of several fields, there is no first.
        if (!overlap(first, second) && !(first[2] === "CONTRADICTION" && second[2] === "CONTRADICTION")) {
          answers(patched(sample, second, first), first[2], `${first} / ${second}`);
          pairs++;
        }
      }
      // A byte too many is found last of all. Bytes that are missing are found before what would stand behind them.
      answers(new Uint8Array([...patched(sample, first), 0]), first[2], first);
      answers(patched(sample, first).subarray(0, first[0]), "TRUNCATED", first);
    });
  }
  assert.ok(pairs > 300, String(pairs));
});

test("a record that ends too early is truncated, wherever it ends", () => {
  for (const codec of [accounts, geneses, epochs, grants] as readonly AnyCodec[]) {
    for (const value of codec.samples.slice(0, 3)) {
      const bytes = codec.encode(value);
      assert.ok(codec.decode(bytes).ok);
      for (let length = 0; length < bytes.length; length++) {
        const reading = codec.decode(bytes.subarray(0, length));
        assert.deepEqual(reading, { ok: false, fault: "TRUNCATED" }, `${codec.name} ${length}`);
      }
      const longer = new Uint8Array(bytes.length + 1);
      longer.set(bytes);
      assert.deepEqual(codec.decode(longer), { ok: false, fault: "TRAILING_BYTES" }, codec.name);
    }
  }
});

test("where the length says what is in a record, no other length is taken", () => {
  for (const [codec, index, head] of [
    [envelopes, 2, 130 + 64],
    [envelopes, 3, 130 + 64],
    [envelopes, 0, 130 + 64],
    [selves, 1, 123 + 64],
    [backups, 1, 286],
  ] as readonly (readonly [AnyCodec, number, number])[]) {
    const bytes = codec.encode(codec.samples[index]);
    assert.ok(codec.decode(bytes).ok);
    for (let length = 0; length < bytes.length; length++) {
      const reading = codec.decode(bytes.subarray(0, length));
      const shorter = length < head ? "TRUNCATED" : "WRONG_LENGTH";
      // A backup with fewer generations is one, as far as its length goes.
      const wholeBundle = codec === backups && (length - 286 - 239) % 100 === 0 && length > 286 + 239;
      // A message that is padded to less is one, too.
      const wholeMessage = codec !== backups && (length - head - 80) % 8 === 0 && length - head - 80 >= 256;
      if (!(wholeBundle || wholeMessage) || !reading.ok) {
        assert.deepEqual(reading, { ok: false, fault: shorter }, `${codec.name} ${length}`);
      }
    }
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    assert.deepEqual(codec.decode(longer), { ok: false, fault: "WRONG_LENGTH" }, codec.name);
  }
});

test("a count that promises more than there is costs nothing", () => {
  const { decode, encode, samples } = epochs;
  const sample = encode(samples[1] as (typeof samples)[number]);
  const promising = patched(sample, [258, [0x03, 0xe8], "TRUNCATED"]);
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 1000; i++) {
    assert.deepEqual(decode(promising.subarray(0, 260)), { ok: false, fault: "TRUNCATED" });
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 1_048_576);
});

test("no bytes at all are no record", () => {
  for (const { decode } of codecs) {
    assert.deepEqual(decode(new Uint8Array(0)), { ok: false, fault: "TRUNCATED" });
  }
});
