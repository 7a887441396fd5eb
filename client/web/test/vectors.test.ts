// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { checkVectors } from "./vectors/check.ts";

const FOLDER = join("..", "..", "protocol", "src", "test", "resources", "vectors");

async function load(name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(FOLDER, `${name}.json`), "utf8")) as unknown;
}

test("every published vector comes out as published", async () => {
  const { positive, negative, flips, cuts, failures } = await checkVectors(load);
  assert.deepEqual(failures, []);
  const { counts } = (await load("index")) as { counts: Readonly<Record<string, number>> };
  assert.deepEqual({ positive, negative, flips, cuts }, counts);
  console.log(`shown: vectors positive=${positive} negative=${negative} flips=${flips} cuts=${cuts}`);
});
