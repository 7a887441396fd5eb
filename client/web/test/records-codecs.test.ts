// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fault } from "../src/e2r/fault.ts";
import { encodeAccountStatement } from "../src/e2r/records/account.ts";
import {
  encodeHeader,
  encodeReadUpTo,
  encodeTarget,
  readUpToOf,
  targetOf,
} from "../src/e2r/records/envelope.ts";
import { isPaddedSize, MESSAGE_PADDED_MAX, pad, paddedSize, unpad } from "../src/e2r/records/padding.ts";
import { encodeEpochStatement } from "../src/e2r/records/epoch.ts";
import { encodeGenesisStatement } from "../src/e2r/records/genesis.ts";
import { encodeGrantStatement } from "../src/e2r/records/grant.ts";
import { encodeSelfStatement } from "../src/e2r/records/self.ts";
import {
  accounts,
  backups,
  type Codec,
  codecs,
  device,
  envelopes,
  epochs,
  filled,
  geneses,
  grants,
  message,
  pointLike,
  selves,
  U64_MAX,
  uid,
} from "./records-samples.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const sampleOf = <T>({ samples }: Codec<T>, index: number) => samples[index] as T;

test("every record comes back as it was, from the smallest to the largest", () => {
  let smallest = Infinity;
  let largest = 0;
  for (const { name, decode, encode, samples } of codecs) {
    for (const value of samples) {
      const bytes = encode(value);
      const reading = decode(bytes);
      assert.deepEqual(reading, { ok: true, value }, name);
      assert.deepEqual(encode((reading as { value: unknown }).value), bytes, name);
      smallest = Math.min(smallest, bytes.length);
      largest = Math.max(largest, bytes.length);
    }
  }
  console.log(`shown: ts-record-round-trips records=${codecs.length} bytes=${smallest}..${largest}`);
});

test("records have the lengths that their layouts add up to", () => {
  const lengths = codecs.map(({ name, encode, samples }) => [name, encode(samples[1]).length]);
  assert.deepEqual(Object.fromEntries(lengths), {
    AccountRecord: 219 + 162 + 65 + 64,
    Genesis: 171 + 64,
    EpochRecord: 260 + 3 * 62 + 8 + 64,
    Grant: 178 + 64,
    Envelope: 530,
    SelfBlob: 123 + 80 + 320 + 64,
    BackupBlob: 286 + 239 + 300,
  });
  assert.equal(encodeHeader(sampleOf(envelopes, 1).header).length, 130);
});

test("a record inside a larger buffer is read where it lies", () => {
  for (const { decode, encode, samples } of codecs) {
    const bytes = encode(samples[1]);
    const larger = filled(bytes.length + 20, 0xff);
    larger.set(bytes, 7);
    assert.deepEqual(decode(larger.subarray(7, 7 + bytes.length)), { ok: true, value: samples[1] });
  }
});

test("what was read stays as it was when its bytes are written over", () => {
  for (const { name, decode, encode, samples } of codecs) {
    for (const value of samples) {
      const bytes = encode(value);
      const reading = decode(bytes);
      bytes.fill(0xff);
      assert.deepEqual(reading, { ok: true, value }, name);
    }
  }
});

test("what is signed is the beginning of what is stored", () => {
  const begins = (whole: Bytes, part: Bytes) => assert.deepEqual(whole.subarray(0, part.length), part);
  accounts.samples.forEach((record) =>
    begins(accounts.encode(record), encodeAccountStatement(record.statement)),
  );
  geneses.samples.forEach((record) =>
    begins(geneses.encode(record), encodeGenesisStatement(record.statement)),
  );
  epochs.samples.forEach((record) => begins(epochs.encode(record), encodeEpochStatement(record.statement)));
  grants.samples.forEach((record) => begins(grants.encode(record), encodeGrantStatement(record.statement)));
  envelopes.samples.forEach((record) => begins(envelopes.encode(record), encodeHeader(record.header)));
  selves.samples.forEach((record) => begins(selves.encode(record), encodeSelfStatement(record.statement)));
});

test("the bodies that are not sealed say what they say", () => {
  const tombstone = sampleOf(envelopes, 3);
  assert.equal(targetOf({ ...tombstone, body: encodeTarget(message(7)) }), message(7));
  const receipt = sampleOf(envelopes, 0);
  assert.equal(readUpToOf({ ...receipt, body: encodeReadUpTo(U64_MAX) }), U64_MAX);
  assert.throws(() => encodeReadUpTo(2 ** 53), new RangeError("OUT_OF_RANGE"));
});

function refuses<T>(codec: Codec<T>, index: number, change: (value: T) => T, fault: Fault): void {
  const value = sampleOf(codec, index);
  codec.encode(value);
  assert.throws(() => codec.encode(change(value)), new RangeError(fault), `${codec.name} ${fault}`);
}

test("an account record that a reader would refuse is not written", () => {
  const refusing = (over: object, fault: Fault, index = 2) =>
    refuses(accounts, index, (record) => ({ ...record, statement: { ...record.statement, ...over } }), fault);
  const { devices } = sampleOf(accounts, 2).statement;
  const [first, second] = devices as [(typeof devices)[number], (typeof devices)[number]];
  refusing({ tenant: "7e" }, "WRONG_LENGTH");
  refusing({ uid: "AA".repeat(16) }, "WRONG_LENGTH");
  refusing({ seq: 0 }, "OUT_OF_RANGE");
  refusing({ seq: 2 ** 53 }, "OUT_OF_RANGE");
  refusing({ seq: 1.5 }, "OUT_OF_RANGE");
  refusing({ seq: Number.NaN }, "OUT_OF_RANGE");
  refusing({ prevHash: filled(31, 0) }, "WRONG_LENGTH");
  refusing({ kind: "unknown" }, "UNKNOWN_VALUE");
  refusing({ arkPub: pointLike(1).subarray(0, 33) }, "MALFORMED_POINT");
  refusing({ arkPub: filled(65, 2) }, "MALFORMED_POINT");
  refusing({ aekGen: 2 ** 32 }, "OUT_OF_RANGE");
  refusing({ aekGen: -1 }, "OUT_OF_RANGE");
  refusing({ devices: [second, first] }, "UNSORTED");
  refusing({ devices: [first, first] }, "UNSORTED");
  refusing({ devices: Array.from({ length: 17 }, () => first) }, "OUT_OF_RANGE");
  refusing({ devices: Array.from({ length: 256 }, () => first) }, "OUT_OF_RANGE");
  refusing({ devices: [{ ...first, addedSeq: 10 }, second] }, "CONTRADICTION");
  refusing({ devices: [] }, "CONTRADICTION");
  refusing({ prevHash: filled(32, 1) }, "CONTRADICTION", 1);
  refuses(accounts, 2, (record) => ({ ...record, possessions: record.possessions.slice(1) }), "TRUNCATED");
  refuses(
    accounts,
    2,
    (record) => ({ ...record, possessions: [...record.possessions, filled(64, 0)] }),
    "TRAILING_BYTES",
  );
  refuses(
    accounts,
    2,
    (record) => ({ ...record, continuity: { by: "root" as const, signature: filled(64, 0) } }),
    "CONTRADICTION",
  );
  refuses(accounts, 2, (record) => ({ ...record, byRoot: filled(63, 0) }), "WRONG_LENGTH");
  assert.throws(
    () => encodeAccountStatement({ ...sampleOf(accounts, 2).statement, devices: [] }),
    new RangeError("CONTRADICTION"),
  );
});

test("an epoch that a reader would refuse is not written", () => {
  const refusing = (over: object, fault: Fault, index = 1) =>
    refuses(epochs, index, (record) => ({ ...record, statement: { ...record.statement, ...over } }), fault);
  const { roster } = sampleOf(epochs, 1).statement;
  const [first, second] = roster as [(typeof roster)[number], (typeof roster)[number]];
  refusing({ epoch: 0 }, "OUT_OF_RANGE");
  refusing({ reason: "created" }, "CONTRADICTION");
  refusing({ reason: "restarted" }, "CONTRADICTION");
  refusing({ histLink: filled(111, 0) }, "WRONG_LENGTH");
  refusing({ histLink: filled(70_000, 0) }, "WRONG_LENGTH");
  refusing({ histLink: filled(112, 0) }, "CONTRADICTION", 0);
  refusing({ roster: [] }, "OUT_OF_RANGE");
  refusing({ roster: [second, first] }, "UNSORTED");
  refusing({ roster: [{ ...first, account: undefined }] }, "CONTRADICTION");
  refusing({ roster: [{ ...first, account: { seq: 0, hash: filled(32, 1), aekGen: 1 } }] }, "CONTRADICTION");
  refusing(
    { roster: [...sampleOf(epochs, 3).statement.roster, { ...first, uid: uid(0xff) }] },
    "OUT_OF_RANGE",
  );
  assert.throws(
    () => encodeEpochStatement({ ...sampleOf(epochs, 1).statement, keyCommitment: filled(33, 0) }),
    new RangeError("WRONG_LENGTH"),
  );
});

test("no other record that a reader would refuse is written either", () => {
  refuses(
    geneses,
    1,
    (it) => ({ ...it, statement: { ...it.statement, initialTtlS: 2 ** 32 } }),
    "OUT_OF_RANGE",
  );
  refuses(geneses, 1, (it) => ({ ...it, statement: { ...it.statement, accountSeq: 0 } }), "OUT_OF_RANGE");
  refuses(
    geneses,
    1,
    (it) => ({ ...it, statement: { ...it.statement, history: "none" as "full" } }),
    "UNKNOWN_VALUE",
  );
  refuses(grants, 1, (it) => ({ ...it, statement: { ...it.statement, granterSeq: 0 } }), "OUT_OF_RANGE");
  refuses(envelopes, 2, (it) => ({ ...it, header: { ...it.header, seq: 0 } }), "CONTRADICTION");
  refuses(
    envelopes,
    2,
    (it) => ({ ...it, header: { ...it.header, seq: 1, prev: filled(32, 1) } }),
    "CONTRADICTION",
  );
  refuses(
    envelopes,
    2,
    (it) => ({ ...it, header: { ...it.header, deviceId: device(1).slice(2) as never } }),
    "WRONG_LENGTH",
  );
  refuses(envelopes, 2, (it) => ({ ...it, body: filled(80 + 257, 0) }), "WRONG_LENGTH");
  refuses(envelopes, 2, (it) => ({ ...it, body: filled(80 + 65_536 + 2048, 0) }), "WRONG_LENGTH");
  refuses(envelopes, 3, (it) => ({ ...it, body: filled(17, 0) }), "WRONG_LENGTH");
  refuses(envelopes, 0, (it) => ({ ...it, body: filled(8, 0xff) }), "OUT_OF_RANGE");
  refuses(
    selves,
    1,
    (it) => ({ ...it, statement: { ...it.statement, wrap: filled(112, 0) } }),
    "WRONG_LENGTH",
  );
  refuses(
    selves,
    1,
    (it) => ({ ...it, statement: { ...it.statement, sealed: filled(80 + 262_144 + 8192, 0) } }),
    "WRONG_LENGTH",
  );
  refuses(backups, 1, (it) => ({ ...it, iterations: 599_999 }), "WEAK_KDF");
  refuses(backups, 1, (it) => ({ ...it, bundle: filled(239, 0) }), "WRONG_LENGTH");
  refuses(backups, 1, (it) => ({ ...it, bundle: filled(239 + 100_100, 0) }), "WRONG_LENGTH");
});

test("padded sizes grow by an eighth at most, and are padded sizes themselves", () => {
  for (const [length, size] of [
    [0, 256],
    [256, 256],
    [257, 272],
    [288, 288],
    [512, 512],
    [513, 544],
    [1000, 1024],
    [65_535, 65_536],
    [65_536, 65_536],
    [65_537, 67_584],
    [1_048_577, 1_081_344],
    [2 ** 32 + 1, 2 ** 32 + 2 ** 26],
    [2 ** 40 + 1, 2 ** 40 + 2 ** 34],
  ] as const) {
    assert.equal(paddedSize(length), size, String(length));
  }
  let last = 256;
  for (let length = 1; length <= 70_000; length++) {
    const size = paddedSize(length);
    assert.ok(size >= length && size >= last && (length <= 256 || size <= length * 1.12), String(length));
    assert.equal(isPaddedSize(length, MESSAGE_PADDED_MAX), size === length && length <= 65_536);
    last = size;
  }
});

test("content is padded in one way only", () => {
  for (const length of [0, 1, 252, 253, 1000, 65_532]) {
    const content = filled(length, 0xee);
    const padded = pad(content, MESSAGE_PADDED_MAX);
    assert.ok(isPaddedSize(padded.length, MESSAGE_PADDED_MAX));
    assert.deepEqual(unpad(padded), { ok: true, value: content });
    if (length + 4 < padded.length) {
      padded[padded.length - 1] = 1;
      assert.deepEqual(unpad(padded), { ok: false, fault: "BAD_PADDING" });
    }
  }
  assert.throws(() => pad(filled(65_533, 0), MESSAGE_PADDED_MAX), new RangeError("WRONG_LENGTH"));
  const larger = new Uint8Array(272);
  assert.deepEqual(unpad(larger), { ok: false, fault: "BAD_PADDING" });
  const promising = new Uint8Array(256);
  promising[0] = 0xff;
  assert.deepEqual(unpad(promising), { ok: false, fault: "BAD_PADDING" });
  assert.deepEqual(unpad(new Uint8Array(3)), { ok: false, fault: "BAD_PADDING" });
});
