// SPDX-License-Identifier: Apache-2.0
// What a service or a member could do to files. Each time the same steps without the attack succeed.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { type Bytes, randomBytes } from "../src/ids.ts";
import { join } from "../src/e2r/bytes.ts";
import { decodeDescriptor, encodeDescriptor, type FileDescriptor } from "../src/e2r/descriptor.ts";
import type { Fault } from "../src/e2r/fault.ts";
import { FileFaultError, type FilePlace, openFile, sealFile } from "../src/e2r/files.ts";
import { sealKey, type SealKey } from "../src/e2r/keys.ts";
import { FIRST_PLACE, type MadeMessage, messageMaker, openMessage } from "../src/e2r/making/messages.ts";
import type { MadeConversation } from "../src/e2r/making/conversation.ts";
import type { Envelope } from "../src/e2r/records/envelope.ts";
import { messageBytes } from "../src/e2r/verify/messages.ts";
import {
  accountsOf,
  assertFault,
  conversationOf,
  flipped,
  person,
  type Person,
  sender,
  value,
} from "./attacks-people.ts";

const SEGMENT = 1_048_576;
const SIZE = 3_300_000;

interface Sealed {
  readonly sealed: Bytes;
  readonly descriptor: FileDescriptor;
}

let made: MadeConversation;
let people: readonly [Person, Person];
let place: FilePlace;
let one: Sealed;
let other: Sealed;

async function collect(stream: ReadableStream<Bytes>): Promise<Bytes> {
  const parts: Bytes[] = [];
  for await (const part of stream as unknown as AsyncIterable<Bytes>) {
    parts.push(part);
  }
  return join(...parts);
}

async function sealed(name: string, size: number, key: SealKey = made.key, where = place): Promise<Sealed> {
  const data = new Blob([new Uint8Array(size).fill(name.charCodeAt(0))]);
  const file = await sealFile(key, where, { data, name, mime: "text/plain" });
  return { sealed: await collect(file.stream), descriptor: await file.descriptor };
}

async function opened(
  bytes: Bytes,
  descriptor: FileDescriptor,
  key: SealKey = made.key,
  where = place,
): Promise<Fault | number> {
  try {
    return (await collect(openFile(key, where, descriptor, new Blob([bytes])))).length;
  } catch (error) {
    assert.ok(error instanceof FileFaultError, String(error));
    return error.fault;
  }
}

function segmentsOf(bytes: Bytes): readonly Bytes[] {
  return Array.from({ length: Math.ceil(bytes.length / SEGMENT) }, (_, i) =>
    bytes.slice(i * SEGMENT, (i + 1) * SEGMENT),
  );
}

before(async () => {
  people = await Promise.all([person(), person()]);
  made = await conversationOf([...people]);
  place = { conversation: made.conversation, epoch: 1 };
  [one, other] = [await sealed("a.txt", SIZE), await sealed("b.txt", SIZE)];
});

test("segments that are exchanged, left out, doubled or cut do not open", async () => {
  const [a, b, c, d] = segmentsOf(one.sealed) as [Bytes, Bytes, Bytes, Bytes];
  assert.equal(await opened(one.sealed, one.descriptor), SIZE);
  const attacks: Record<string, Bytes> = {
    "two in the middle exchanged": join(a, c, b, d),
    "the first exchanged": join(b, a, c, d),
    "the last two exchanged": join(a, b, d, c),
    "one left out": join(a, c, d),
    "the first left out": join(b, c, d),
    "the last left out": join(a, b, c),
    doubled: join(a, b, b, c, d),
    "one for another": join(a, b, b, d),
    reversed: join(d, c, b, a),
    "the last cut": one.sealed.slice(0, -1),
    "cut in the header": one.sealed.slice(0, 20),
    "cut to nothing": new Uint8Array(0),
    "one of another file": join(a, segmentsOf(other.sealed)[1] as Bytes, c, d),
    "a byte more": join(one.sealed, Uint8Array.of(0)),
    "another header": flipped(one.sealed, 1),
    "a flipped prefix": flipped(one.sealed, 35),
    "a flipped byte": flipped(one.sealed, SEGMENT + 17),
    "a flipped tag": flipped(one.sealed, one.sealed.length - 1),
  };
  for (const [name, bytes] of Object.entries(attacks)) {
    assert.equal(await opened(bytes, one.descriptor), "CANNOT_OPEN", name);
  }
  console.log(
    `shown: ts-file-attacks bytes=${one.sealed.length} segments=4 refused=${Object.keys(attacks).length} accepted=0`,
  );
});

test("a file of the service's choice does not stand in for the one described", async () => {
  assert.equal(await opened(other.sealed, other.descriptor), SIZE);
  assert.equal(await opened(other.sealed, one.descriptor), "CANNOT_OPEN");
  const swapped = { ...one.descriptor, fkw: other.descriptor.fkw };
  assert.equal(await opened(other.sealed, swapped), "CANNOT_OPEN");
  // Both of the other's keys and ids: it opens, and is still not what was described.
  const stolen = { ...one.descriptor, fkw: other.descriptor.fkw, fileId: other.descriptor.fileId };
  assert.equal(await opened(other.sealed, stolen), "WRONG_ROOT");
});

test("a file opens in its conversation and epoch only, and only as it was described", async () => {
  const { sealed: bytes, descriptor } = one;
  const conversation = (await conversationOf([...people])).conversation;
  assert.equal(await opened(bytes, descriptor, made.key, { ...place, conversation }), "CANNOT_OPEN");
  assert.equal(await opened(bytes, descriptor, made.key, { ...place, epoch: 2 }), "CANNOT_OPEN");
  assert.equal(await opened(bytes, descriptor, await sealKey(randomBytes(32))), "CANNOT_OPEN");
  const described = async (over: Partial<FileDescriptor>) => opened(bytes, { ...descriptor, ...over });
  assert.equal(await described({}), SIZE);
  assert.equal(await described({ fileId: randomBytes(16) }), "CANNOT_OPEN");
  assert.equal(await described({ fkw: flipped(descriptor.fkw, 100) }), "CANNOT_OPEN");
  assert.equal(await described({ root: flipped(descriptor.root, 0) }), "WRONG_ROOT");
  assert.equal(await described({ sealedSize: descriptor.sealedSize - 1 }), "WRONG_ROOT");
  assert.equal(await described({ sealedSize: descriptor.sealedSize + 1 }), "WRONG_ROOT");
  assert.equal(await described({ size: SIZE - 1 }), "BAD_PADDING");
  assert.equal(await described({ size: 2 * SIZE }), "BAD_PADDING");
});

test("what is shown for a file is what its sender named it", async () => {
  const [alice, bob] = people;
  const accounts = accountsOf(alice, bob);
  const from = sender(alice, made.link);
  const content = join(Uint8Array.of(0, 6), encodeDescriptor(one.descriptor));
  const sent: MadeMessage = await messageMaker.content(from, made.key, FIRST_PLACE, content);
  const receive = (envelope: Envelope) =>
    openMessage(envelope, made.conversation, made.link, accounts, made.key);
  const arrived = value(await receive(sent.envelope));
  assert.deepEqual(decodeDescriptor(arrived.slice(2)), { ok: true, value: one.descriptor });
  // The name's place in the sealed body: salt, com, length, kind, and the fields before it.
  const at = 64 + 4 + 2 + 16 + 112 + 8 + 8 + 32 + 2;
  const body = flipped(sent.envelope.body, at, "a".charCodeAt(0) ^ "b".charCodeAt(0));
  assertFault(await receive({ ...sent.envelope, body }), "BAD_SIGNATURE");
  const bytes = await messageBytes(made.link.hash, sent.envelope.header, body);
  const signature = await alice.device.signing.sign("msg", bytes);
  assertFault(await receive({ ...sent.envelope, body, signature }), "CANNOT_OPEN");
});
