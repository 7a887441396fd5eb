// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../src/e2r/bytes.ts";
import { disclose, openDisclosed } from "../src/e2r/disclosure.ts";
import { type SealKey, sealKey } from "../src/e2r/keys.ts";
import { open, seal } from "../src/e2r/seal.ts";
import { Secret } from "../src/e2r/secret.ts";
import type { Bytes } from "../src/ids.ts";
import { filled } from "./checks/tally.ts";

const LABEL = "e2r/1/msg";
const CONTEXT = utf8("where it belongs");
const PLAIN = utf8("what is in it");
const FAILED = { ok: false, fault: "CANNOT_OPEN" };

const key = await sealKey(filled(0x11));
const sealed = await seal(key, LABEL, CONTEXT, PLAIN);

const flipped = (bytes: Bytes, at: number) => {
  const changed = bytes.slice();
  changed[at] = (changed[at] as number) ^ 1;
  return changed;
};

test("what is sealed opens, and is 80 bytes longer", async () => {
  for (const length of [0, 1, 256, 65_536]) {
    const plain = filled(7, length);
    const one = await seal(key, LABEL, CONTEXT, plain);
    assert.equal(one.length, length + 80);
    assert.deepEqual(await open(key, LABEL, CONTEXT, one), { ok: true, value: plain });
  }
});

test("whatever is wrong, the answer is the same", async () => {
  assert.ok((await open(key, LABEL, CONTEXT, sealed)).ok);
  for (let at = 0; at < sealed.length; at++) {
    assert.deepEqual(await open(key, LABEL, CONTEXT, flipped(sealed, at)), FAILED, `byte ${at}`);
  }
  for (let length = 0; length < sealed.length; length++) {
    assert.deepEqual(await open(key, LABEL, CONTEXT, sealed.slice(0, length)), FAILED, `cut to ${length}`);
  }
  const otherKey = await sealKey(filled(0x12));
  const others: [SealKey, string, Bytes][] = [
    [otherKey, LABEL, CONTEXT],
    [key, "e2r/1/hist", CONTEXT],
    [key, LABEL, utf8("where it belongs not")],
    [key, LABEL, filled(0, 0)],
  ];
  for (const [theKey, label, context] of others) {
    assert.deepEqual(await open(theKey, label, context, sealed), FAILED);
  }
});

test("the commitment of another sealing does not fit", async () => {
  const other = await seal(key, LABEL, CONTEXT, PLAIN);
  const spliced = new Uint8Array([...sealed.slice(0, 32), ...other.slice(32, 64), ...sealed.slice(64)]);
  assert.deepEqual(await open(key, LABEL, CONTEXT, spliced), FAILED);
});

test("the same thing sealed twice looks like two things", async () => {
  const other = await seal(key, LABEL, CONTEXT, PLAIN);
  assert.notDeepEqual(other.slice(0, 32), sealed.slice(0, 32));
  assert.notDeepEqual(other.slice(32), sealed.slice(32));
});

test("the zero key and keys of other lengths are refused", async () => {
  for (const bytes of [filled(0), filled(1, 31), filled(1, 33), filled(1, 0)]) {
    await assert.rejects(sealKey(bytes), RangeError);
  }
  assert.ok(await sealKey(Uint8Array.of(...filled(0, 31), 1)));
});

test("a key for sealing cannot be exported", async () => {
  await assert.rejects(crypto.subtle.exportKey("raw", key));
});

test("one message can be shown, and the key of it opens no other", async () => {
  const epochHash = filled(0xe0);
  const header = utf8("header");
  const context = new Uint8Array([...epochHash, ...header]);
  const message = { epochHash, header, body: await seal(key, LABEL, context, PLAIN) };
  const other = { epochHash, header, body: await seal(key, LABEL, context, utf8("something else")) };
  const shown = await disclose(key, message);
  assert.ok(shown.ok);
  assert.deepEqual(await openDisclosed(shown.value, message), { ok: true, value: PLAIN });
  const refused = { ok: false, fault: "BAD_COMMITMENT" };
  assert.deepEqual(await openDisclosed(shown.value, other), refused);
  assert.deepEqual(await openDisclosed(new Secret(filled(1)), message), refused);
  assert.deepEqual(await openDisclosed(shown.value, { ...message, body: filled(0, 79) }), refused);
  // Another header is another mk: this one still fits the commitment, and then the bytes do not open.
  const moved = { ...message, header: utf8("another") };
  assert.deepEqual(await openDisclosed(shown.value, moved), FAILED);
});

test("nobody reports a message that does not open", async () => {
  const body = await seal(key, LABEL, new Uint8Array([...filled(0xe0), 1]), PLAIN);
  const message = { epochHash: filled(0xe0), header: Uint8Array.of(1), body };
  assert.ok((await disclose(key, message)).ok);
  for (const changed of [flipped(body, 0), flipped(body, 40), flipped(body, 70), body.slice(0, 79)]) {
    assert.deepEqual(await disclose(key, { ...message, body: changed }), FAILED);
  }
});
