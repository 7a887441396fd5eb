// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeContent, encodeText } from "../src/content.ts";

const unsupported = { kind: "unsupported" };
const decoded = (json: string) => decodeContent(new TextEncoder().encode(json));

test("a text comes back as it was", () => {
  for (const text of ["", "hello", "<img src=x onerror=alert(1)>", "naïve 🙂\n\u0000", '"}']) {
    assert.deepEqual(decodeContent(encodeText(text)), { kind: "text", text });
  }
});

test("fields that this release does not know are passed over", () => {
  assert.deepEqual(decoded('{"kind":"text","text":"a","mentions":[1]}'), { kind: "text", text: "a" });
});

test("anything else is content that is not supported", () => {
  for (const json of [
    "",
    "null",
    "1",
    "[]",
    '"text"',
    "{}",
    '{"kind":"text"}',
    '{"kind":"text","text":1}',
    "{",
  ]) {
    assert.deepEqual(decoded(json), unsupported, json);
  }
  assert.deepEqual(decoded('{"kind":"poll","text":"a"}'), unsupported);
  assert.deepEqual(decodeContent(Uint8Array.of(0xff, 0xfe, 0x00)), unsupported);
});
