// SPDX-License-Identifier: Apache-2.0
import { join } from "../../src/e2r/bytes.ts";
import type { FileDescriptor } from "../../src/e2r/descriptor.ts";
import {
  FileFaultError,
  type FilePlace,
  openFile,
  openWholeFile,
  sealFile,
  sealFileWith,
} from "../../src/e2r/files.ts";
import { sha256 } from "../../src/e2r/hash.ts";
import { type SealKey, sealKey } from "../../src/e2r/keys.ts";
import { type Randomness, SECURE } from "../../src/e2r/randomness.ts";
import type { Bytes, ConversationId } from "../../src/ids.ts";
import { filled, hex, Tally } from "./tally.ts";

const MIB = 1_048_576;
const RANDOM_BYTES_MOST = 65_536;
const PLACE: FilePlace = { conversation: "c0".repeat(32) as ConversationId, epoch: 7 };
const NAMES = { name: "notes ☂.txt", mime: "text/plain" };

export interface Sealed {
  readonly bytes: Bytes;
  readonly descriptor: FileDescriptor;
}

/** A file's way there and back, from a Blob and as a stream of chunks of many sizes. */
export async function checkFile(size: number): Promise<Tally> {
  const tally = new Tally(`file of ${size} bytes`);
  const key = await sealKey(filled(0x11));
  const data = randomData(size);
  const wanted = hex(await sha256(data));
  for (const source of [new Blob([data]), chunked(data)]) {
    const file = await sealFile(key, PLACE, { data: source, ...NAMES });
    const sealed = await bytesOf(file.stream);
    const descriptor = await file.descriptor;
    tally.same("size", descriptor.size, size);
    tally.same("sealed size", sealed.length, descriptor.sealedSize);
    for (const again of [new Blob([sealed]), chunked(sealed)]) {
      const opened = await bytesOf(openFile(key, PLACE, descriptor, again));
      tally.same("content", hex(await sha256(opened)), wanted);
    }
  }
  return tally;
}

/** What a storage, or a sender, could do to a file; each with the fault that it shows as. */
export async function checkFileAttacks(): Promise<Tally> {
  const tally = new Tally("file attacks");
  const key = await sealKey(filled(0x11));
  const file = await sealed(key, randomData(3 * MIB));
  const part = (from: number, to: number) => file.bytes.slice(from * MIB, to * MIB);
  const end = Math.ceil(file.bytes.length / MIB);
  const { descriptor } = file;
  const cases: readonly [string, Bytes, Partial<FileDescriptor>, string][] = [
    ["untouched", file.bytes, {}, "opens"],
    ["two segments swapped", join(part(0, 1), part(2, 3), part(1, 2), part(3, end)), {}, "CANNOT_OPEN"],
    ["a segment missing", join(part(0, 1), part(2, end)), {}, "CANNOT_OPEN"],
    ["the last segment missing", part(0, end - 1), {}, "CANNOT_OPEN"],
    ["a segment doubled", join(part(0, 2), part(1, end)), {}, "CANNOT_OPEN"],
    ["the last segment doubled", join(part(0, end), part(end - 1, end)), {}, "CANNOT_OPEN"],
    ["cut within a segment", file.bytes.slice(0, -1), {}, "CANNOT_OPEN"],
    ["cut within the header", file.bytes.slice(0, 39), {}, "CANNOT_OPEN"],
    ["nothing at all", new Uint8Array(0), {}, "CANNOT_OPEN"],
    ["a byte behind it", join(file.bytes, filled(0, 1)), {}, "CANNOT_OPEN"],
    ["another kind of header", flipped(file.bytes, 0), {}, "CANNOT_OPEN"],
    ["a bit of the salt", flipped(file.bytes, 1), {}, "CANNOT_OPEN"],
    ["a bit of the prefix", flipped(file.bytes, 33), {}, "CANNOT_OPEN"],
    ["a bit of the first segment", flipped(file.bytes, 40), {}, "CANNOT_OPEN"],
    ["a bit of the last tag", flipped(file.bytes, file.bytes.length - 1), {}, "CANNOT_OPEN"],
    ["another file's id", file.bytes, { fileId: filled(0x77, 16) }, "CANNOT_OPEN"],
    ["a bit of the key", file.bytes, { fkw: flipped(descriptor.fkw, 111) }, "CANNOT_OPEN"],
    ["another root", file.bytes, { root: flipped(descriptor.root, 0) }, "WRONG_ROOT"],
    ["a larger sealed size", file.bytes, { sealedSize: descriptor.sealedSize + 1 }, "WRONG_ROOT"],
    ["a smaller sealed size", file.bytes, { sealedSize: descriptor.sealedSize - 1 }, "WRONG_ROOT"],
    ["a size that leaves some out", file.bytes, { size: descriptor.size - 1 }, "BAD_PADDING"],
    ["a size of another padding", file.bytes, { size: 2 * descriptor.size }, "BAD_PADDING"],
  ];
  for (const [name, bytes, changes, wanted] of cases) {
    for (const source of [new Blob([bytes]), chunked(bytes)]) {
      tally.same(name, await outcome(key, { ...descriptor, ...changes }, source), wanted);
    }
    const whole = await openWholeFile(key, PLACE, { ...descriptor, ...changes }, new Blob([bytes]));
    tally.same(`${name}, as a whole`, whole.ok ? "opens" : whole.fault, wanted);
  }
  const elsewhere = { ...PLACE, epoch: 8 };
  tally.same(
    "another epoch",
    await outcome(key, descriptor, new Blob([file.bytes]), elsewhere),
    "CANNOT_OPEN",
  );
  await checkOtherContent(tally, key);
  return tally;
}

/** A sender who knows the file's key makes a second file of it: everything opens, but it is not the one described. */
async function checkOtherContent(tally: Tally, key: SealKey): Promise<void> {
  const randomness: Randomness = { ...SECURE, bytes: (length) => filled(0x5a, length) };
  const one = await sealed(key, filled(1, 2 * MIB), randomness);
  const other = await sealed(key, filled(2, 2 * MIB), randomness);
  tally.same("its own content", await outcome(key, one.descriptor, new Blob([one.bytes])), "opens");
  let shown = 0;
  const stream = openFile(key, PLACE, one.descriptor, new Blob([other.bytes]));
  const fault = await faultOf(stream, (chunk) => (shown += chunk.length));
  tally.same("the content of another file", fault, "WRONG_ROOT");
  tally.check("and not all of it is shown", shown < 2 * MIB);
}

export async function sealed(key: SealKey, data: Bytes, randomness: Randomness = SECURE): Promise<Sealed> {
  const file = await sealFileWith(randomness, key, PLACE, { data: new Blob([data]), ...NAMES });
  return { bytes: await bytesOf(file.stream), descriptor: await file.descriptor };
}

async function outcome(
  key: SealKey,
  descriptor: FileDescriptor,
  source: Blob | ReadableStream<Uint8Array>,
  place = PLACE,
): Promise<string> {
  return (await faultOf(openFile(key, place, descriptor, source), () => undefined)) ?? "opens";
}

async function faultOf(
  stream: ReadableStream<Bytes>,
  take: (chunk: Bytes) => unknown,
): Promise<string | undefined> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      take(next.value);
    }
    return undefined;
  } catch (error) {
    return error instanceof FileFaultError ? error.fault : String(error);
  }
}

export async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Bytes> {
  return new Uint8Array(await new Response(stream as ReadableStream<Bytes>).arrayBuffer());
}

export function randomData(size: number): Bytes {
  const data = new Uint8Array(size);
  for (let at = 0; at < size; at += RANDOM_BYTES_MOST) {
    crypto.getRandomValues(data.subarray(at, at + RANDOM_BYTES_MOST));
  }
  return data;
}

/** In chunks of sizes that fit nothing, empty ones among them. */
export function chunked(data: Bytes): ReadableStream<Bytes> {
  let at = 0;
  let turn = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= data.length) {
        controller.close();
        return;
      }
      const size = [1, 0, 65_537, 3 * MIB + 5, 777][turn++ % 5] as number;
      controller.enqueue(data.slice(at, at + size));
      at += size;
    },
  });
}

function flipped(bytes: Bytes, at: number): Bytes {
  const changed = bytes.slice();
  changed[at] = (changed[at] as number) ^ 1;
  return changed;
}
