// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeDescriptor, encodeDescriptor, type FileDescriptor } from "../src/e2r/descriptor.ts";
import { openFile, sealedFileBytes, sealFile } from "../src/e2r/files.ts";
import { sealKey } from "../src/e2r/keys.ts";
import { FILE_STREAM, streamBytes } from "../src/e2r/segments.ts";
import type { ConversationId } from "../src/ids.ts";
import { checkFile, checkFileAttacks, randomData } from "./checks/files.ts";
import { filled } from "./checks/tally.ts";

const MIB = 1_048_576;
const FIRST = MIB - 40 - 16;
const SECOND = MIB - 16;
const PLACE = { conversation: "c0".repeat(32) as ConversationId, epoch: 7 };
const DESCRIPTOR: FileDescriptor = {
  fileId: filled(1, 16),
  fkw: filled(2, 112),
  size: 5,
  sealedSize: 312,
  root: filled(3),
  name: "ä\ufeffb",
  mime: "",
};

test("files of every size around a segment's end come back as they were", async () => {
  const sizes = [0, 1, 255, 256, 257, FIRST - 1, FIRST, FIRST + 1, FIRST + SECOND, FIRST + SECOND + 1];
  for (const size of sizes) {
    const { checked, failures } = await checkFile(size);
    assert.deepEqual(failures, []);
    assert.equal(checked, 8);
  }
});

test("a file of 25 MiB comes back as it was", async () => {
  const { checked, failures } = await checkFile(25 * MIB);
  assert.deepEqual(failures, []);
  console.log(`shown: file bytes=${25 * MIB} checked=${checked} runtime=node`);
});

test("a file that was changed, or is another one, does not open", async () => {
  const { checked, failures } = await checkFileAttacks();
  assert.deepEqual(failures, []);
  assert.equal(checked, 70);
});

test("the sealed size is what the segments add up to", () => {
  assert.equal(sealedFileBytes(0), 312);
  assert.equal(sealedFileBytes(257), sealedFileBytes(272));
  assert.equal(streamBytes(FILE_STREAM, FIRST), MIB);
  assert.equal(streamBytes(FILE_STREAM, FIRST + 1), MIB + 17);
  assert.equal(streamBytes(FILE_STREAM, FIRST + SECOND), 2 * MIB);
});

test("no more is read than is asked for, however large the file", async () => {
  let given = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      given += 65_536;
      controller.enqueue(new Uint8Array(65_536));
    },
  });
  const file = await sealFile(await sealKey(filled(1)), PLACE, { data: endless, name: "", mime: "" });
  const reader = file.stream.getReader();
  await reader.read();
  await reader.read();
  assert.ok(given <= 2 * MIB + 3 * 65_536, `${given} bytes were read for 2 MiB`);
  await reader.cancel();
  await assert.rejects(file.descriptor);
});

test("giving up on a file lets its source go", async () => {
  const key = await sealKey(filled(1));
  const file = await sealFile(key, PLACE, { data: new Blob([randomData(3 * MIB)]), name: "", mime: "" });
  const sealed = new Uint8Array(await new Response(file.stream).arrayBuffer());
  let why: unknown;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(sealed.slice(0, MIB)),
    cancel: (reason) => (why = reason),
  });
  const reader = openFile(key, PLACE, await file.descriptor, source).getReader();
  await assert.rejects(async () => {
    while (!(await reader.read()).done);
  }, /CANNOT_OPEN/);
  assert.match(String(why), /CANNOT_OPEN/);
});

test("a source that fails makes the file fail, and the descriptor", async () => {
  const source = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error("unplugged")) });
  const file = await sealFile(await sealKey(filled(1)), PLACE, { data: source, name: "", mime: "" });
  await assert.rejects(new Response(file.stream).arrayBuffer());
  await assert.rejects(file.descriptor, /unplugged/);
});

test("a descriptor comes back as it was, and anything else is refused", () => {
  const bytes = encodeDescriptor(DESCRIPTOR);
  assert.equal(bytes.length, 16 + 112 + 8 + 8 + 32 + 2 + 6 + 2);
  assert.deepEqual(decodeDescriptor(bytes), { ok: true, value: DESCRIPTOR });
  const fault = (changed: Uint8Array<ArrayBuffer>) => {
    const reading = decodeDescriptor(changed);
    return reading.ok ? "none" : reading.fault;
  };
  for (let length = 0; length < bytes.length; length++) {
    assert.equal(fault(bytes.slice(0, length)), "TRUNCATED");
  }
  assert.equal(fault(Uint8Array.of(...bytes, 0)), "TRAILING_BYTES");
  const at = (offset: number, ...values: number[]) => {
    const changed = bytes.slice();
    changed.set(values, offset);
    return fault(changed);
  };
  assert.equal(at(128, 0, 0x20), "OUT_OF_RANGE");
  assert.equal(at(136, 0, 0x20), "OUT_OF_RANGE");
  assert.equal(at(176, 4, 1), "WRONG_LENGTH");
  assert.equal(at(184, 1, 1), "WRONG_LENGTH");
  assert.throws(() => encodeDescriptor({ ...DESCRIPTOR, name: "ä".repeat(513) }), /WRONG_LENGTH/);
  assert.throws(() => encodeDescriptor({ ...DESCRIPTOR, mime: "a".repeat(257) }), /WRONG_LENGTH/);
});
