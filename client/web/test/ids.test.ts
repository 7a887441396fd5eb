// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bytesOf,
  formatLink,
  idOf,
  parseConversationId,
  parseDeviceId,
  parseLink,
  uidOf,
} from "../src/ids.ts";
import type { ConversationId, TenantId } from "../src/ids.ts";

const tenant = idOf<TenantId>(new Uint8Array(16).fill(7));
const conversation = idOf<ConversationId>(Uint8Array.from({ length: 32 }, (_, i) => 255 - i));

test("a uid is the first half of the hash of label, tenant and subject", async () => {
  assert.equal(await uidOf(tenant, "alice"), "cedfe9593c76435bbb3befb0188867c0");
  assert.equal(await uidOf(tenant, "Zoë"), "ae47111811e796578b4bcc919da9ad6c");
});

test("a subject that the length field cannot hold is refused", async () => {
  assert.match(await uidOf(tenant, "x".repeat(0xffff)), /^[0-9a-f]{32}$/);
  await assert.rejects(uidOf(tenant, "x".repeat(0x10000)), RangeError);
});

test("an id keeps its bytes", () => {
  assert.deepEqual(idOf(bytesOf(conversation)), conversation);
});

test("a link keeps its parts", () => {
  const link = { conversation, secret: Uint8Array.from({ length: 16 }, (_, i) => 0xf0 + i) };
  assert.match(formatLink(link), /^[\w-]{43}\.[\w-]{22}$/);
  assert.deepEqual(parseLink(formatLink(link)), link);
});

test("what is no link is none", () => {
  const link = formatLink({ conversation, secret: new Uint8Array(16) });
  for (const broken of [
    "",
    "x",
    link.slice(1),
    `${link}A`,
    link.replace(".", ""),
    `${link}.`,
    link.replace(".", " "),
  ]) {
    assert.equal(parseLink(broken), undefined, broken);
  }
});

test("stored texts are ids only when they look like ids", () => {
  assert.equal(parseDeviceId("ab".repeat(16)), "ab".repeat(16));
  assert.equal(parseDeviceId("AB".repeat(16)), undefined);
  assert.equal(parseDeviceId(null), undefined);
  assert.equal(parseConversationId(conversation), conversation);
  assert.equal(parseConversationId(conversation.slice(2)), undefined);
});
