// SPDX-License-Identifier: Apache-2.0
// The store of IndexedDB keeps to the same in a browser; see browser-test/worker.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryKeyStore } from "../src/e2r/key-store.ts";
import { checkKeyStore, fillKeyStore } from "./checks/key-stores.ts";

test("a key store in memory keeps to the contract", async () => {
  const store = memoryKeyStore();
  const [filling, before] = await fillKeyStore(store);
  const checking = await checkKeyStore(store, before);
  assert.deepEqual([...filling.failures, ...checking.failures], []);
  console.log(`shown: key-store kind=memory checked=${filling.checked + checking.checked}`);
});
