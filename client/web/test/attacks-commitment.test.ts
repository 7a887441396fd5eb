// SPDX-License-Identifier: Apache-2.0
// Invisible salamanders and partitioning oracles: one ciphertext for many keys. AES-GCM opens it; OPEN does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, randomBytes } from "../src/ids.ts";
import { aeadKey, decrypt } from "../src/e2r/aead.ts";
import { join, label, slice } from "../src/e2r/bytes.ts";
import { openDisclosed } from "../src/e2r/disclosure.ts";
import { hkdf } from "../src/e2r/hash.ts";
import { sealKey, type SealKey } from "../src/e2r/keys.ts";
import { onceKey, open, seal } from "../src/e2r/seal.ts";
import { Secret } from "../src/e2r/secret.ts";
import { forMany } from "./attacks-galois.ts";
import { assertFault, fault, value } from "./attacks-people.ts";

const NOTHING = new Uint8Array(0);

/** What a key makes of a salt: all that sealing under it needs. */
async function derived(key: SealKey, name: string, context: Bytes, salt: Bytes) {
  const once = await onceKey(key, name, context, salt);
  const all = await hkdf(once, NOTHING, label("e2r/1/aead"), 76);
  return { once, com: slice(all, 0, 32), key: slice(all, 32, 64), nonce: slice(all, 64) };
}

for (const [what, name, plain, count] of [
  ["a message", "e2r/1/msg", 256, 8],
  ["a bundle", "e2r/1/bundle", 259, 8],
  ["a bundle's key", "e2r/1/bk", 32, 2],
  ["a file's key", "e2r/1/filekey", 32, 2],
  ["the key before", "e2r/1/hist", 32, 2],
] as const) {
  test(`${what} that AES-GCM opens under ${count} keys opens under none but the one committed to`, async () => {
    const context = randomBytes(162);
    const salt = randomBytes(32);
    const keys = await Promise.all(Array.from({ length: count }, () => sealKey(randomBytes(32))));
    const each = await Promise.all(keys.map((key) => derived(key, name, context, salt)));

    for (const [com, expected] of [
      [randomBytes(32), 0],
      [(each[0] as (typeof each)[number]).com, 1],
    ] as const) {
      const aad = join(context, salt, com);
      const ciphertext = await forMany(each, aad, randomBytes(plain));
      const sealed = join(salt, com, ciphertext);
      let byGcm = 0;
      let byOpen = 0;
      for (const [i, key] of keys.entries()) {
        const it = each[i] as (typeof each)[number];
        byGcm += Number((await decrypt(await aeadKey(it.key, "decrypt"), it.nonce, aad, ciphertext)).ok);
        const reading = await open(key, name, context, sealed);
        byOpen += Number(reading.ok);
        assert.equal(fault(reading), expected === 1 && i === 0 ? undefined : "CANNOT_OPEN");
      }
      assert.equal(byGcm, count);
      assert.equal(byOpen, expected);
      if (expected === 0) {
        console.log(
          `shown: ts-salamander of="${what}" keys=${count} opened_by_gcm=${byGcm} accepted=${byOpen}`,
        );
      }
    }
    value(
      await open(keys[0] as SealKey, name, context, await seal(keys[0] as SealKey, name, context, NOTHING)),
    );
  });
}

test("a judge who is shown another key for a message that has two sees that it is another", async () => {
  const [epochHash, header, salt] = [randomBytes(32), randomBytes(130), randomBytes(32)];
  const context = join(epochHash, header);
  const keys = await Promise.all([sealKey(randomBytes(32)), sealKey(randomBytes(32))]);
  const each = await Promise.all(keys.map((key) => derived(key, "e2r/1/msg", context, salt)));
  const [first, second] = each as [(typeof each)[number], (typeof each)[number]];
  const ciphertext = await forMany(each, join(context, salt, first.com), randomBytes(256));
  const message = { epochHash, header, body: join(salt, first.com, ciphertext) };
  value(await openDisclosed(new Secret(first.once), message));
  assertFault(await openDisclosed(new Secret(second.once), message), "BAD_COMMITMENT");
});
