// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChangeEntry, Entry, GapEntry } from "../src/messages.ts";
import { Timeline } from "../src/messages.ts";
import { backoffMs } from "../src/reconnect.ts";

const at = (seq: number): ChangeEntry => ({ kind: "change", seq, epoch: 1, receivedMs: 0, changes: [] });
const gap = (seq: number, toSeq: number): GapEntry => ({ kind: "gap", seq, toSeq, reason: "removed" });

test("entries pass once and in order", () => {
  const timeline = new Timeline(0);
  const passed = [1, 1, 2, 1, 3, 2, 4].filter((seq) => timeline.pass(at(seq)));
  assert.deepEqual(passed, [1, 2, 3, 4]);
  assert.equal(timeline.behind, false);
});

test("an entry beyond a hole does not pass and says how far the log goes", () => {
  const timeline = new Timeline(4);
  assert.equal(timeline.pass(at(7)), false);
  assert.equal(timeline.cursor, 4);
  assert.equal(timeline.behind, true);
  assert.deepEqual(
    [5, 6, 7].map((seq) => timeline.pass(at(seq))),
    [true, true, true],
  );
  assert.equal(timeline.behind, false);
});

test("a gap passes as far as it reaches, also when its beginning is known", () => {
  const timeline = new Timeline(0);
  assert.equal(timeline.pass(gap(1, 3)), true);
  assert.equal(timeline.pass(gap(2, 6)), true);
  assert.equal(timeline.cursor, 6);
  assert.equal(timeline.pass(gap(1, 6)), false);
  assert.equal(timeline.pass(gap(8, 9)), false);
});

test("any order and number of deliveries with reading of holes gives each entry once", () => {
  const seed = 20_261_120;
  let state = seed;
  const random = () => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff;
  for (let round = 0; round < 200; round++) {
    const timeline = new Timeline(0);
    const passed: number[] = [];
    const take = (entry: Entry) => timeline.pass(entry) && passed.push(entry.seq);
    for (let i = 0; i < 60; i++) {
      take(at(1 + Math.floor(random() * 20)));
      while (timeline.behind && random() < 0.5) {
        take(at(timeline.cursor + 1));
      }
    }
    assert.deepEqual(
      passed,
      Array.from(passed, (_, i) => i + 1),
      `seed ${seed}, round ${round}`,
    );
  }
});

test("the wait doubles, is capped, and lies between half and whole", () => {
  assert.equal(
    backoffMs(0, 100, 10_000, () => 0),
    50,
  );
  assert.equal(
    backoffMs(3, 100, 10_000, () => 1),
    800,
  );
  assert.equal(
    backoffMs(1_000, 100, 10_000, () => 1),
    10_000,
  );
});
