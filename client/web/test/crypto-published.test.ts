// SPDX-License-Identifier: Apache-2.0
// Vectors that others published, and the first ones of our own. The checks run in a browser, too.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkLiterals } from "./checks/literals.ts";
import { checkHpke, checkTink, type HpkeVector, type TinkVector } from "./checks/published.ts";
import type { Tally } from "./checks/tally.ts";
import { checkWycheproof, ofSuiteSize, WYCHEPROOF } from "./checks/wycheproof.ts";

const RESOURCES = join("..", "..", "protocol", "src", "test", "resources");

const resource = (folder: string, name: string): unknown =>
  JSON.parse(readFileSync(join(RESOURCES, folder, `${name}.json`), "utf8"));

function allRight(tally: Tally, checked: number): void {
  assert.deepEqual(tally.failures, []);
  assert.equal(tally.checked, checked);
  console.log(`shown: ${tally.name} checked=${tally.checked} runtime=node`);
}

test("the first vectors come out as they were written down", async () => {
  allRight(await checkLiterals(), 23);
});

for (const [name, checked] of [
  ["ecdh", 353],
  ["ecdsa", 262],
  ["aes", 316],
  ["hkdf", 86],
  ["hmac", 174],
  ["pbkdf2", 60],
] as const) {
  test(`Wycheproof agrees with ${name}`, async () => {
    allRight(await checkWycheproof(name, resource("wycheproof", WYCHEPROOF[name])), checked);
  });
}

test("66 of the vectors for AES-GCM have the suite's sizes", () => {
  assert.equal(ofSuiteSize(resource("wycheproof", WYCHEPROOF.aes)), 66);
});

test("a thousand messages in one context of HPKE come out as RFC 9180 has them", async () => {
  const vector = resource("others", "hpke-rfc9180-base-p256-aes256gcm") as HpkeVector;
  const stream = new Uint8Array(createHash("shake128", { outputLength: 512_000 }).digest());
  const [tally, sealed] = await checkHpke(vector, stream);
  allRight(tally, 1004);
  assert.equal(createHash("shake128", { outputLength: 16 }).update(sealed).digest("hex"), vector.accumulated);
});

test("the stream that Tink published opens, and comes out the same", async () => {
  allRight(await checkTink(resource("others", "tink-aes-gcm-hkdf-streaming") as TinkVector), 10);
});
