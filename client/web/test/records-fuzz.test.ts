// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { codecs, seeded } from "./records-samples.ts";

const MUTATIONS = 1_000_000;
const SEED = 0x5eed;
/** Beyond that, a sample's copies would be most of the work. */
const SAMPLE_MAX = 1500;

type Bytes = Uint8Array<ArrayBuffer>;
type Random = (below: number) => number;

function same(a: Bytes, b: Bytes): boolean {
  return Buffer.compare(a, b) === 0;
}

/** A sample with up to three changes: bytes, the end, a piece of another record. */
function mutated(random: Random, room: Bytes, sample: Bytes, other: Bytes): Bytes {
  room.set(sample);
  let length = sample.length;
  for (let changes = 1 + random(3); changes > 0; changes--) {
    const at = random(length + 1);
    switch (random(8)) {
      case 0:
        length = at;
        break;
      case 1:
        room.fill(random(256), length, length + 1);
        length++;
        break;
      case 2: {
        const from = random(other.length);
        const piece = other.subarray(from, from + 1 + random(64)).subarray(0, length - at);
        room.set(piece, at);
        break;
      }
      case 3:
        room.fill(random(2) * 255, at, Math.min(length, at + 1 + random(40)));
        break;
      default:
        // Mostly where the first fields are, for most of the rest are hashes and keys.
        room[random(2) === 0 ? random(Math.min(60, length + 1)) : at] = random(256);
    }
  }
  return room.subarray(0, length);
}

test("whatever happens to a record, it is refused or it is what its writer would have written", () => {
  const random = seeded(SEED);
  const room: Bytes = new Uint8Array(SAMPLE_MAX + 8);
  const subjects = codecs.map(({ name, decode, encode, samples }) => {
    const bytes = samples.map(encode).filter(({ length }) => length <= SAMPLE_MAX);
    assert.ok(bytes.length > 0);
    bytes.forEach((sample) => assert.ok(decode(sample).ok, name));
    return { name, decode, encode, bytes };
  });
  const faults = new Map<string, number>();
  let accepted = 0;
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  for (let i = 0; i < MUTATIONS; i++) {
    const { name, decode, encode, bytes } = subjects[i % subjects.length] as (typeof subjects)[number];
    const others = (subjects[random(subjects.length)] as (typeof subjects)[number]).bytes;
    const sample = bytes[random(bytes.length)] as Bytes;
    const mutation = mutated(random, room, sample, others[random(others.length)] as Bytes);
    const reading = decode(mutation);
    if (reading.ok) {
      accepted++;
      if (!same(encode(reading.value), mutation)) {
        assert.fail(`${name} is written another way: ${Buffer.from(mutation).toString("hex")}`);
      }
    } else {
      faults.set(reading.fault, (faults.get(reading.fault) ?? 0) + 1);
    }
    if (i % 10_000 === 0) {
      most = Math.max(most, process.memoryUsage().heapUsed);
    }
  }
  const grown = Math.max(0, most - before) / 1_048_576;
  assert.ok(grown < 256, `${grown} MiB`);
  for (const fault of [
    "TRUNCATED",
    "TRAILING_BYTES",
    "UNKNOWN_VERSION",
    "UNKNOWN_SUITE",
    "UNKNOWN_VALUE",
    "OUT_OF_RANGE",
    "WRONG_LENGTH",
    "MALFORMED_POINT",
    "UNSORTED",
    "CONTRADICTION",
    "WEAK_KDF",
  ]) {
    assert.ok((faults.get(fault) ?? 0) > 100, `${fault} ${faults.get(fault)}`);
  }
  const heap = grown.toFixed(0);
  console.log(
    `shown: ts-record-fuzz mutations=${MUTATIONS} accepted=${accepted} faults=${faults.size} heap_grown_mib=${heap}`,
  );
});
